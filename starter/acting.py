"""What staff do with orders on the board: each action as events, sent with the version of the order that was seen."""

from collections.abc import Mapping

from temporalio.client import Client

from domain.language import exact_address
from domain.order.messages import Answer
from domain.order.staff_acts import ActEvent, Action, StaffAct, parsed
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.picture_addresses import checked_address
from starter.failures import ANSWER_TIMEOUT, FAILURES, translated
from workflows.order import OrderWorkflow

RESUME = ("processing_resumed", ("requested_by", "task_id", "reason"))
CANCEL = ("cancel_requested", ("requested_by", "reason"))
SIGNALS: Mapping[Action, tuple[str, tuple[str, ...]]] = {  # the signal of each action, and the fields it is sent with
    Action.MARK_PAID: ("payment_received", ("amount", "payment_id")),
    Action.FIX_PRICE: ("quote_set", ("amount", "reason")),
    Action.RECORD_REFUND: ("refund_recorded", ("amount", "refund_id", "reason")),
    Action.TRANSFER: ("transfer_requested", ("task_id", "reason")),
    Action.SUBMIT_RESULT: ("result_submitted", ("task_id", "result_url", "result_key", "notes")),
    Action.CHANGE_ADDRESS: ("email_provided", ("email",)),
    Action.RESEND: ("resend_requested", ("requested_by", "reason")),
    Action.RESUME: RESUME,
    Action.ACCEPT_RISK: RESUME,
    Action.TAKE_BACK: RESUME,
    Action.RETRY: RESUME,
    Action.DECLINE_RISK: CANCEL,
    Action.CANCEL: CANCEL,
}
WISH = ("requirement_added", ("requirement", "task_id", "changed_by", "reason"))


def act(action: Action, act_id: str, *, seen_version: int, by: str, reason: str = "", **fields: str) -> StaffAct:
    """Return an action as the events that it consists of.

    `act_id` is new for each action, so that a repeat has no effect. `fields` are those of the table above; a retry may
    have a `requirement` that goes before it. Raises MalformedRequest for an invalid value.
    """
    values = {"reason": reason, "notes": reason, "requested_by": "staff", "changed_by": "staff"}
    values |= {name: value.strip() for name, value in fields.items() if value.strip()}
    _check(values)
    steps = [WISH] if action is Action.RETRY and "requirement" in values else []
    events = [
        ActEvent(
            signal=signal,
            payload={"event_id": f"{act_id}-{number}", **{name: values[name] for name in names if values.get(name)}},
        )
        for number, (signal, names) in enumerate([*steps, SIGNALS[action]], 1)
    ]
    made = StaffAct(action=action, events=events, seen_version=seen_version, by=by, reason=reason)
    return parsed(made.model_dump(mode="json"))


def _check(values: Mapping[str, str]) -> None:
    """Refuse what an order would only pass on to the customer or to staff as not understood."""
    if "email" in values and exact_address(values["email"]) is None:
        raise MalformedRequest(f"email: {values['email']} is no e-mail address")
    if url := values.get("result_url"):
        try:
            checked_address(url)
        except ValueError as error:
            raise MalformedRequest(f"result_url: {error}") from error


async def send(client: Client, order_id: str, made: StaffAct) -> Answer:
    """Send an action to its order, and return the answer. A repeat of it returns the same answer.

    Raises OrderMovedOn if something happened to the order since the version that was seen; NoSuchOrder if it is closed
    or unknown; MalformedRequest, ConnectionError, and TimeoutError if no worker answers.
    """
    handle = client.get_workflow_handle(ids.workflow_id(order_id))
    try:
        answer = await handle.execute_update(
            OrderWorkflow.act_as_staff,
            made.model_dump(mode="json", exclude_defaults=True),
            id=f"act:{made.events[0].payload['event_id']}",
            rpc_timeout=ANSWER_TIMEOUT,
        )
    except FAILURES as error:
        raise translated(error, order_id) from error
    return Answer.model_validate(answer)
