"""The statements of the ledger of model calls. Their texts are fixed, so that they are built once and prepared once."""

from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import JSONB

OUTCOME = ("status", "outcome", "error_message", "possibly_billed")
FACTS = (
    *("provider", "model", "api_response", "tokens", "cost", "cost_currency", "booked_cost"),
    *("latency_ms", "provider_request_id", "finish_reason"),
)
OPENED = (
    *("task_id", "image_task_id", "order_id", "attempt", "kind", "provider", "model", "prompt", "input_image_id"),
    *("size", "status", "expected_cost"),
)
_NOTED = (
    "INSERT INTO generation_parameter (task_id, parameter_name, parameter_value)"
    " SELECT :call, key, value FROM jsonb_each_text(CAST(:parameters AS jsonb)) ON CONFLICT DO NOTHING"
)


def _ending(columns: tuple[str, ...]) -> TextClause:
    """Return the statement that ends a call, unless it has ended.

    A closed call is not changed, except that a call of a worker presumed dead may still report its real outcome.
    """
    ended = ", ".join(f"{name} = ended.{name}" for name in columns)
    return text(
        f"WITH noted AS ({_NOTED}) UPDATE image_generation_task c SET completed_at = now(), {ended}"  # noqa: S608
        " FROM jsonb_populate_record(NULL::image_generation_task, CAST(:ended AS jsonb)) AS ended"
        " WHERE c.task_id = :call AND c.status IN ('processing', 'interrupted')"
    )


END, END_WITH_FACTS = _ending(OUTCOME), _ending((*OUTCOME, *FACTS))

# Returns the calls of the same attempt that a killed worker left open.
OPEN = text(
    "WITH left_open AS (UPDATE image_generation_task SET status = 'interrupted', outcome = :interrupted,"  # noqa: S608
    " possibly_billed = true, error_message = :why, completed_at = now() WHERE image_task_id = :task"
    " AND attempt = :attempt AND kind = :kind AND input_image_id = :input AND task_id <> :call"
    " AND status = 'processing' RETURNING task_id),"
    f" opened AS (INSERT INTO image_generation_task ({', '.join(OPENED)}) SELECT {', '.join(OPENED)}"
    " FROM jsonb_populate_record(NULL::image_generation_task, CAST(:row AS jsonb)) ON CONFLICT DO NOTHING),"
    f" noted AS ({_NOTED}) SELECT task_id FROM left_open"
)

# A call that has failed made no picture; one that is open or interrupted may have.
MADE_BY = text(
    "SELECT task_id, provider, model FROM image_generation_task"
    " WHERE image_task_id = :task AND attempt = :attempt AND kind = 'image'"
    " ORDER BY status = 'completed' DESC, status = 'failed', id DESC LIMIT 1"
)

# A call with unknown cost may have cost the expected amount, unless it is known to have failed for free.
SPENT = text(
    "SELECT count(*), coalesce(sum(booked_cost), 0), coalesce(sum(expected_cost) FILTER"
    " (WHERE booked_cost IS NULL AND (possibly_billed OR status <> 'failed')), 0)"
    " FROM image_generation_task WHERE image_task_id = :task"
)

TRIES = text(
    "SELECT count(*) FROM image_generation_task"
    " WHERE image_task_id = :task AND attempt = :attempt AND kind = 'image' AND outcome = ANY(:outcomes)"
)

LOCK_NOTICES = text("SELECT pg_advisory_xact_lock(:number)")  # of two concurrent claims one wins
CLAIM_NOTICE = text(
    "UPDATE image_generation_task this SET is_told = true WHERE this.task_id = :call AND NOT EXISTS ("
    "SELECT 1 FROM image_generation_task other WHERE other.provider = this.provider AND other.outcome = this.outcome"
    " AND other.is_told AND (other.image_task_id <> this.image_task_id OR other.attempt <> this.attempt)"
    " AND other.created_at > now() - CAST(:within AS interval)) RETURNING this.task_id"
)

JUDGE = text(
    "UPDATE generation_result r SET qa_score = judged.qa_score, qa_facts = judged.qa_facts"
    " FROM jsonb_populate_record(NULL::generation_result, CAST(:judged AS jsonb)) AS judged"
    " WHERE r.task_id = :call AND r.generated_image_id = :file"
)
KNOWN_CHECK = text(
    "SELECT qa_facts FROM generation_result WHERE task_id = :call AND generated_image_id = :file"
).columns(qa_facts=JSONB)
SET_OUTCOME = text("UPDATE image_generation_task SET outcome = :outcome WHERE task_id = :call")
