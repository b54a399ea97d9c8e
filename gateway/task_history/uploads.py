"""Routes that receive images: the original of a record, and its result."""

from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from adapters.storage.files import S3Files
from domain.task_history.plans import check_upload
from domain.task_history.records import Completion, Task, TaskStatus
from domain.task_history.users import User
from domain.vocabulary.errors import DarkroomError, TaskFinished
from domain.vocabulary.provenance import Provenance
from gateway.errors import OF_ANY_CALLER, problems
from gateway.task_history import pictures
from gateway.task_history.bodies import CompletionBody, OriginalBody, TaskView, task_view
from gateway.task_history.context import context
from gateway.task_history.data_urls import MOST_BESIDE, TAKEN
from gateway.task_history.pictures import StoredPicture
from gateway.task_history.signing_in import SignedIn
from gateway.task_history.spooling import Received, received
from gateway.task_history.tasks import TaskId

S = HTTPStatus
# Of the paths below: their bodies are received on disk, and may be larger than others.
PATHS = r"/api/task-history/tasks/[^/]+/(?:original-image|complete)"
SCHEMA = "#/components/schemas/{}"
JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary", "description": "The image."}},
    }
}
OF_AN_UPLOAD = problems(
    *OF_ANY_CALLER,
    S.NOT_FOUND,
    S.CONFLICT,
    S.PAYMENT_REQUIRED,
    S.UNSUPPORTED_MEDIA_TYPE,
    NOT_FOUND="The user has no such record",
    CONFLICT="The task has finished, so its original stays",
    PAYMENT_REQUIRED="The plan's storage is full",
    FORBIDDEN="The plan does not allow files of this size",
)
B = TypeVar("B", bound=BaseModel)

router = APIRouter(prefix="/api/task-history", tags=["task history"])


def largest_body(max_bytes: int) -> int:
    """Return the largest body for an image of so many bytes: base64 takes four characters for three."""
    return max_bytes * 4 // 3 + 2 * MOST_BESIDE


def _body_of(model: type[BaseModel], *others: str) -> dict[str, Any]:
    content: dict[str, Any] = {JSON_TYPE: {"schema": {"$ref": SCHEMA.format(model.__name__)}}}
    return {"requestBody": {"required": True, "content": content | dict.fromkeys(others, FORM)}}


@router.put("/tasks/{task_id}/original-image", responses=OF_AN_UPLOAD, openapi_extra=_body_of(OriginalBody, FORM_TYPE))
async def put_original(request: Request, user: SignedIn, task_id: TaskId) -> TaskView:
    """Upload the original of a pending record, as a file or a data URL; another one replaces it.

    Any accepted format, by content. What is stored is a decoded copy without private metadata such as the place, as
    JPEG, PNG or WebP.
    """
    history = context(request)
    _expect_pending(await history.tasks.task(user, task_id))
    async with received(request, may_be_form=True) as body:
        if body.content is not None:
            _parsed(OriginalBody, body.content)
        _expect_image(body, "original_image_data" if body.content is not None else "file")
        await _check_size(request, user, body)
        async with history.turn(str(task_id)), history.uploading:
            task = await history.tasks.task(user, task_id)
            _expect_pending(task)
            return task_view(history, await _keep_original(request, user, task, body))


async def _keep_original(request: Request, user: User, task: Task, body: Received) -> Task:
    """Store an original beside the one that it replaces, so that the old one stays if the new one is refused."""
    history = context(request)
    files: S3Files = request.state.files
    old = task.aws_original_key
    stem = f"{pictures.folder(user, task.id)}/original"
    if old is not None and old.startswith(f"{stem}."):
        stem += "-2"
    stored = await pictures.store(request, body.image, stem)
    try:
        changed, replaced = await history.tasks.set_original(
            user, task.id, stored.key, size=stored.size, plan=history.plan(user)
        )
    except DarkroomError as error:
        if error.permanent:  # after an outage it may have been written
            await pictures.delete_picture(files, stored.key)
        raise
    if replaced and replaced != stored.key:
        await pictures.delete_picture(files, replaced)
    return changed


@router.put("/tasks/{task_id}/complete", responses=OF_AN_UPLOAD, openapi_extra=_body_of(CompletionBody))
async def complete_task(request: Request, user: SignedIn, task_id: TaskId) -> TaskView:
    """Complete a record with its result as a data URL, or with an error, which gives its credits back.

    A record that has ended stays as it is, so a repeat changes nothing.
    """
    history = context(request)
    if (task := await history.tasks.task(user, task_id)).status is not TaskStatus.PENDING:
        return task_view(history, task)
    async with received(request, may_be_form=False) as body:
        ending = _parsed(CompletionBody, body.content)
        if ending.error_message is not None:
            return task_view(history, await _end(request, user, task_id, ending, None))
        _expect_image(body, "generated_image_data")
        await _check_size(request, user, body)
        async with history.turn(str(task_id)), history.uploading:
            task = await history.tasks.task(user, task_id)
            if task.status is TaskStatus.PENDING:
                task = await _keep_result(request, user, task_id, ending, body)
            return task_view(history, task)


async def _keep_result(request: Request, user: User, task_id: UUID, ending: CompletionBody, body: Received) -> Task:
    files: S3Files = request.state.files
    made_by = Provenance(str(task_id), is_declared=True)
    stored = await pictures.store(request, body.image, f"{pictures.folder(user, task_id)}/generated", made_by)
    try:
        task = await _end(request, user, task_id, ending, stored)
    except DarkroomError as error:
        if error.permanent:  # after an outage it may have been written
            await pictures.delete_picture(files, stored.key)
        raise
    if task.aws_generated_key != stored.key:  # it ended otherwise meanwhile
        await pictures.delete_picture(files, stored.key)
    return task


async def _end(
    request: Request, user: User, task_id: UUID, ending: CompletionBody, stored: StoredPicture | None
) -> Task:
    completion = Completion(
        stored.key if stored else None, ending.error_message, ending.tokens_used, ending.generation_time_ms
    )
    return await context(request).tasks.complete(user, task_id, completion, size=stored.size if stored else 0)


def _expect_pending(task: Task) -> None:
    if task.status is not TaskStatus.PENDING:
        raise TaskFinished("the task has finished, so its original stays: create another record")


def _expect_image(body: Received, field: str) -> None:
    if body.size == 0:
        message = "send the image as a data URL, data:image/png;base64,..., or as the file of a form"
        raise RequestValidationError([{"loc": ("body", field), "msg": message, "type": "value_error"}])


async def _check_size(request: Request, user: User, body: Received) -> None:
    """Check an image against the plan before any work is done on it. Raises PlanForbids, QuotaSpent."""
    history = context(request)
    plan = history.plan(user)
    check_upload(plan, await history.usage.of(user, plan), body.size)


def _parsed(model: type[B], content: Any) -> B:
    """Parse a body whose image was taken out. Raises RequestValidationError."""
    try:
        parsed = model.model_validate(content)
    except ValidationError as error:
        faults = [fault | {"loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error
    for name in ("original_image_data", "generated_image_data"):
        if getattr(parsed, name, None) not in {None, TAKEN}:
            message = "must be a data URL such as data:image/png;base64,..."
            raise RequestValidationError([{"loc": ("body", name), "msg": message, "type": "value_error"}])
    return parsed
