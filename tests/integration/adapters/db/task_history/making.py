"""Records and plans of the tests."""

from domain.task_history.plans import Plan
from domain.task_history.records import Completion, NewTask, TaskType

NEW = NewTask(TaskType.IMAGE_EDIT, "把背景换成白色\0", aspect_ratio="3:4", model_version="m-1")
DONE = Completion("k/generated.jpg", tokens_used=1290, generation_time_ms=4200)
FAILED = Completion(error_message="the model refused")
AGE = "UPDATE user_task_history SET deleted_at = deleted_at - interval '16 seconds' WHERE user_id = :user"


def plan(records: int = 10**6, credits_: int = 10**6, storage: int = 1000, upload: int = 30) -> Plan:
    return Plan(
        records_per_month=records, upload_mb=upload, storage_mb=storage, credits_per_month=credits_, may_export=True
    )
