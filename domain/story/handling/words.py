"""Free text from the customer: what the shop's rules recognise is done, the rest is left to the bot."""

from datetime import datetime

from domain import language
from domain.language import Act, Decision, Reading, Situation
from domain.order import objections
from domain.order.messages import Answer, CustomerMessage
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import delivering
from domain.story.handling import verdicts
from domain.story.handling.naming import picture_by_number
from domain.story.handling.wishes import note_wishes
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, Status


def customer_message(message: CustomerMessage, order: Order, now: datetime) -> Answer:
    """Record a message, and do what it asks in the current state of the order."""
    record(message, order, now)
    return respond_to(message.text, order, now)


def record(message: CustomerMessage, order: Order, now: datetime) -> None:
    """Record a message. Staff are shown a picture that explains what is meant."""
    order.note("customer_said", now, by="customer", text=message.text, image_url=message.image_url)
    if message.image_url and order.paid_at:
        order.tell_staff("staff_picture_shown", now, address=message.image_url[:500], text=message.text[:200] or "-")
    if order.with_status(*BEFORE_THE_CUSTOMER):
        order.waits_since = now


def respond_to(text: str, order: Order, now: datetime) -> Answer:
    """Read text by the shop's rules, do what it asks, and return the answer with the act."""
    reading = language.read(text)
    decision = language.decide(reading, situation(order))
    address = language.remembered_address(reading)
    if address and not order.objections:
        verdicts.set_address(order, address, now)
    answer = Answer()
    if decision.act is Act.NOTE:
        answer = note_wishes(reading, order, now) or answer
    elif decision.act is Act.TELL_STAFF:
        objections.raise_objections(order, sorted(reading.kinds & set(language.ALARMS)), text, now)
    elif order.status is Status.COMPLETED:
        _after_delivery(order, decision.act, now)
    else:
        _ACTIONS[decision.act](order, decision, reading, now)
    answer.act = decision.act
    return answer


def predicted_act(text: str, order: Order) -> Act:
    """Return what the text would lead to, without doing it."""
    return language.decide(language.read(text), situation(order)).act


def situation(order: Order) -> Situation:
    """Return the state of an order as far as reading text needs it."""
    return Situation(
        status=order.status,
        pictures=1 if len(order.live) == 1 else len(order.pictures),
        shown=_numbers(order, Status.AWAITING_CONFIRM),
        asked=_numbers(order, Status.REVISION),
        is_asked_which=order.unplaced_wish is not None,
        is_address_offered=order.is_known_email_offered and bool(order.known_email) and not order.email,
        is_accepted=bool(delivering.accepted(order)),
        is_held=bool(order.objections),
    )


def _numbers(order: Order, status: Status) -> list[int]:
    """Return the numbers of the pictures in a status, in the order sent; an only live picture is number 1."""
    counted = order.live if len(order.live) == 1 else order.pictures
    return [number for number, picture in enumerate(counted, 1) if picture.status is status]


def _after_delivery(order: Order, act: Act, now: datetime) -> None:
    if act is Act.MAIL:
        order.note("resend_requested", now, by="customer")
        verdicts.resend_files(order, now)
    elif act is Act.ASK_BACK:
        order.say("address_doubtful", now)


def _on_mail_wanted(order: Order, decision: Decision, reading: Reading, now: datetime) -> None:
    if reading.address is None and order.known_email:  # a yes to the offered address
        verdicts.set_address(order, order.known_email, now)
    verdicts.accept(order, _pictures_liked(order, decision), now)


def _on_satisfied(order: Order, decision: Decision, _: Reading, now: datetime) -> None:
    verdicts.accept(order, _pictures_liked(order, decision), now)
    if len(delivering.accepted(order)) < len(order.live) - len(order.with_status(Status.COMPLETED)):
        return
    if decision.is_link:
        delivering.offer_links(order, now)
    elif not order.email:
        verdicts.ask_where_to_send(order, now)


def _on_unclear(order: Order, decision: Decision, reading: Reading, now: datetime) -> None:
    """Ask again for a doubtful address, or ask about the other pictures when only some were accepted."""
    if reading.is_doubtful:
        order.say("address_doubtful", now)
        return
    liked = _pictures_liked(order, decision)
    verdicts.accept(order, liked, now)
    order.say("and_the_others", now, count=str(len(order.with_status(Status.AWAITING_CONFIRM)) - len(liked)))


def _pictures_liked(order: Order, decision: Decision) -> list[Picture]:
    picture = picture_by_number(order, decision.picture)
    return [picture] if picture else verdicts.awaiting_confirmation(order)


def _on_change_wanted(order: Order, decision: Decision, reading: Reading, now: datetime) -> None:
    picture = picture_by_number(order, decision.picture)
    describes = decision.act is Act.ROUND or "description" in reading.kinds
    said = language.without_addresses(reading.words) if describes and "description" in reading.kinds else ""
    description = "\n".join(filter(None, [order.unplaced_wish, said]))
    order.unplaced_wish = None
    if picture is None:
        order.unplaced_wish = description
        order.say("which_picture", now, count=str(len(order.pictures)))
    elif description and decision.act is Act.ROUND:
        verdicts.revise(order, picture, description, now)
    else:
        verdicts.ask_what_to_change(order, picture, now)


def _leave_to_bot(_: Order, __: Decision, ___: Reading, ____: datetime) -> None:
    """Do nothing: the bot understands more, and answers by itself."""


_ACTIONS = {
    Act.MAIL: _on_mail_wanted,
    Act.ACCEPT: _on_satisfied,
    Act.ROUND: _on_change_wanted,
    Act.ASK_WHAT: _on_change_wanted,
    Act.ASK_BACK: _on_unclear,
    Act.NOTHING: _leave_to_bot,
}
