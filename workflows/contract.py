"""Every signal, update and query of an order."""

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.order import staff_acts
    from domain.order.inbox import Inbox, Unreadable, event_of, read, whole
    from domain.order.messages import UPDATES, Answer
    from domain.order.order import Order
    from domain.story import hearing
    from domain.vocabulary.errors import MalformedRequest, OrderMovedOn
    from domain.vocabulary.money import Quote
    from domain.vocabulary.trail import Change


class OrderContract:
    """Signals of any content only go to the inbox, which the main loop reads. Updates are handled and answered."""

    order: Order
    inbox: Inbox
    has_update: bool  # an update changed the order while the main loop waited

    # ---- signals -----------------------------------------------------------------------------------------------------

    @workflow.signal(description="The customer sent a picture: image_url or image_key, note, operation.")
    def image_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("image_received", payload, extra)

    @workflow.signal(description="The bot's own analysis of a picture: the fields of the analysis.")
    def analysis_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("analysis_received", payload, extra)

    @workflow.signal(description="The price is fixed: amount, set_by, reason.")
    def quote_set(self, payload: Any = None, *extra: Any) -> None:
        self._receive("quote_set", payload, extra)

    @workflow.signal(description="A payment: payment_id (a repeat is harmless), amount, currency, paid_at.")
    def payment_received(self, payload: Any = None, *extra: Any) -> None:
        self._receive("payment_received", payload, extra)

    @workflow.signal(description="A refund, which stops work at once: refund_id, amount, reason.")
    def refund_recorded(self, payload: Any = None, *extra: Any) -> None:
        self._receive("refund_recorded", payload, extra)

    @workflow.signal(description="A structured requirement: requirement, changed_by, task_id.")
    def requirement_added(self, payload: Any = None, *extra: Any) -> None:
        self._receive("requirement_added", payload, extra)

    @workflow.signal(description="Change the operation: operation, changed_by, task_id.")
    def operation_changed(self, payload: Any = None, *extra: Any) -> None:
        self._receive("operation_changed", payload, extra)

    @workflow.signal(description="A message from the customer, read by the shop's rules: text, image_url.")
    def customer_message(self, payload: Any = None, *extra: Any) -> None:
        self._receive("customer_message", payload, extra)

    @workflow.signal(description="The customer wants changes: note, task_id where there are several pictures.")
    def revision_requested(self, payload: Any = None, *extra: Any) -> None:
        self._receive("revision_requested", payload, extra)

    @workflow.signal(description="The customer's e-mail address: email.")
    def email_provided(self, payload: Any = None, *extra: Any) -> None:
        self._receive("email_provided", payload, extra)

    @workflow.signal(description="The customer agreed to something: kind, text.")
    def consent_recorded(self, payload: Any = None, *extra: Any) -> None:
        self._receive("consent_recorded", payload, extra)

    @workflow.signal(description="Transfer a picture to a human designer: reason, task_id.")
    def transfer_requested(self, payload: Any = None, *extra: Any) -> None:
        self._receive("transfer_requested", payload, extra)

    @workflow.signal(description="A designer finished a picture: result_url, notes, dispatch_task_id.")
    def designer_finished(self, payload: Any = None, *extra: Any) -> None:
        self._receive("designer_finished", payload, extra)

    @workflow.signal(description="A change in the designers' work on a picture; sent by DispatchWorkflow.")
    def dispatch_changed(self, payload: Any = None, *extra: Any) -> None:
        self._receive("dispatch_changed", payload, extra)

    @workflow.signal(description="A result made by somebody else: result_url, source, task_id.")
    def result_submitted(self, payload: Any = None, *extra: Any) -> None:
        self._receive("result_submitted", payload, extra)

    @workflow.signal(description="Mail the finished files again: requested_by, reason.")
    def resend_requested(self, payload: Any = None, *extra: Any) -> None:
        self._receive("resend_requested", payload, extra)

    @workflow.signal(description="Staff resume the order after a flag, a risk, a stop or a failure: reason.")
    def processing_resumed(self, payload: Any = None, *extra: Any) -> None:
        self._receive("processing_resumed", payload, extra)

    @workflow.signal(description="Cancel the order: requested_by (customer or staff), reason.")
    def cancel_requested(self, payload: Any = None, *extra: Any) -> None:
        self._receive("cancel_requested", payload, extra)

    @workflow.signal(description="The customer opened the link to a finished file: key.")
    def link_opened(self, payload: Any = None, *extra: Any) -> None:
        self._receive("link_opened", payload, extra)

    @workflow.signal(dynamic=True, description="Any other signal: recorded as not understood.")
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._receive(name, [arg.payload.data.decode(errors="replace") for arg in args], ())

    def _receive(self, signal: str, payload: Any, extra: tuple[Any, ...]) -> None:
        self.inbox.put(signal, payload, extra, workflow.now())

    # ---- updates: a malformed one is refused, a refusal by rule is recorded and answered -----------------------------

    @workflow.update(description="Add a requirement to a picture; answers whether it was accepted, and if not, why.")
    async def add_requirement(self, payload: Any = None, *extra: Any) -> Answer:
        return await self._answer("add_requirement", payload, extra)

    @workflow.update(description="Change the operation of a picture; answers whether it was accepted, and if not, why.")
    async def change_operation(self, payload: Any = None, *extra: Any) -> Answer:
        return await self._answer("change_operation", payload, extra)

    @workflow.update(description="A customer's message; answers what to reply, or nothing if the bot should answer.")
    async def send_message(self, payload: Any = None, *extra: Any) -> Answer:
        return await self._answer("send_message", payload, extra)

    @workflow.update(description="Cancel the order; answers whether it was cancelled, and if not, why.")
    async def request_cancel(self, payload: Any = None, *extra: Any) -> Answer:
        return await self._answer("request_cancel", payload, extra)

    @workflow.update(description="Staff act on the version of the order that they saw; refused if it has moved on.")
    async def act_as_staff(self, payload: Any = None, *extra: Any) -> Answer:
        act = staff_acts.parsed(whole(payload, extra))
        self.order.note("staff_acted", workflow.now(), by="staff", action=act.action, who=act.by, reason=act.reason)
        answer = Answer()
        for event in act.events:
            answer = await self._answer_signal(event.signal, event.payload, is_update=False)
            if not answer.accepted:
                break
        return answer

    @add_requirement.validator
    def _requirement_is_readable(self, payload: Any = None, *extra: Any) -> None:
        self._refuse_unreadable("add_requirement", payload, extra)

    @change_operation.validator
    def _operation_is_readable(self, payload: Any = None, *extra: Any) -> None:
        self._refuse_unreadable("change_operation", payload, extra)

    @send_message.validator
    def _message_is_readable(self, payload: Any = None, *extra: Any) -> None:
        self._refuse_unreadable("send_message", payload, extra)

    @request_cancel.validator
    def _cancel_is_readable(self, payload: Any = None, *extra: Any) -> None:
        self._refuse_unreadable("request_cancel", payload, extra)

    @act_as_staff.validator
    def _order_is_as_seen(self, payload: Any = None, *extra: Any) -> None:
        try:
            act = staff_acts.parsed(whole(payload, extra))
        except MalformedRequest as error:
            raise ApplicationError(str(error), type=MalformedRequest.__name__, non_retryable=True) from error
        if self.inbox or staff_acts.has_moved_on(self.order, act.seen_version):
            moved_on = f"the order is at version {self.order.version}, version {act.seen_version} was seen"
            raise ApplicationError(moved_on, type=OrderMovedOn.__name__, non_retryable=True)

    def _refuse_unreadable(self, update: str, payload: Any, extra: tuple[Any, ...]) -> None:
        message = read(UPDATES[update], whole(payload, extra))
        if isinstance(message, Unreadable):
            raise ApplicationError(message.reason, type=MalformedRequest.__name__, non_retryable=True)

    async def _answer(self, update: str, payload: Any, extra: tuple[Any, ...]) -> Answer:
        return await self._answer_signal(UPDATES[update], payload, extra)

    async def _answer_signal(
        self, signal: str, payload: Any, extra: tuple[Any, ...] = (), *, is_update: bool = True
    ) -> Answer:
        """Handle earlier messages, then this one. A repeat gets the same answer and changes nothing.

        In a flood it waits, like signals, until earlier changes are reported. Free text waits for possible more text.
        With `is_update` the answer holds what to tell the customer; without, the order tells them itself.
        """
        hearing.process_inbox(self.inbox, self.order, workflow.now())
        number = self.inbox.count + len(self.inbox.waiting) + 1
        event = event_of(signal, read(signal, whole(payload, extra))) or f"{signal}:unnamed-{number}"
        self.inbox.put(signal, payload, extra, workflow.now(), is_update=is_update)
        hearing.process_inbox(self.inbox, self.order, workflow.now())
        self.has_update = True
        if self._is_pending(event):
            await workflow.wait_condition(lambda: not self._is_pending(event))
        return self.inbox.answer_to(event) or Answer()

    def _is_pending(self, event: str) -> bool:
        """Whether an event waits to be handled, or a customer's text waits for possible further text."""
        return (bool(self.inbox) and self.inbox.answer_to(event) is None) or self.inbox.row.waits(event)

    # ---- queries -----------------------------------------------------------------------------------------------------

    @workflow.query(name="order", description="The whole current order.")
    def snapshot(self) -> Order:
        return self.order

    @workflow.query(description="The last quote, with the factors behind it; null while there is none.")
    def quote(self) -> Quote | None:
        return self.order.quote

    @workflow.query(description="The answer to an event, named `<signal>:<event_id>`; null until it is handled.")
    def answer(self, event: str = "") -> Answer | None:
        return self.inbox.answer_to(event)

    @workflow.query(description="Changes to what is wanted, accepted and refused, newest first.")
    def requirement_history(self) -> list[Change]:
        return self.order.changes[::-1]
