"""What each message changes in an order: one function a kind of message, pure."""

from datetime import datetime
from decimal import Decimal
from functools import singledispatch

from domain import ids, listening, quoting
from domain.inbox import Unreadable
from domain.listening import Mood, Reading
from domain.messages import (
    AnalysisReceived,
    CustomerMessage,
    EmailProvided,
    ImageReceived,
    Message,
    PaymentReceived,
    RequestedPicture,
    RevisionRequested,
)
from domain.money import Payment
from domain.order import Order, Picture, Status
from domain.sizes import checkable, read_size

BEFORE_THE_CUSTOMER = (Status.AWAITING_CONFIRM, Status.REVISION)


@singledispatch
def handle(message: Message | Unreadable, order: Order, now: datetime) -> None:
    """Let a message change the order. Never raises for what a customer or bot may send."""
    raise TypeError(f"{order.order_id}, {now}: nothing handles {type(message).__name__}")


@handle.register
def _unreadable(message: Unreadable, order: Order, now: datetime) -> None:
    order.note("unreadable_signal", now, by="sender", **message.model_dump())


@handle.register
def _image_received(message: ImageReceived, order: Order, now: datetime) -> None:
    if order.paid_at and order.live:
        order.note("picture_after_payment", now, by="customer", **message.model_dump(mode="json"))
        return
    add_picture(order, RequestedPicture.model_validate(message.model_dump()), now)


def add_picture(order: Order, request: RequestedPicture, now: datetime) -> None:
    """Add a picture to an order, with the operation that was named or that the words ask for."""
    size = read_size(request.note)
    picture = Picture(
        task_id=ids.task_id(order.order_id, len(order.pictures) + 1),
        status=Status.PAID if order.paid_at else Status.PENDING,
        image_url=request.image_url,
        image_key=request.image_key,
        note=request.note,
        operation=checkable(request.operation or listening.read_operation(request.note), size),
        size=size,
        analysis=request.analysis,
    )
    order.pictures.append(picture)
    order.note("picture_received", now, by="customer", task_id=picture.task_id)


@handle.register
def _analysis_received(message: AnalysisReceived, order: Order, now: datetime) -> None:
    picture = _picture_meant(order, message)
    if picture is None or order.paid_at:
        order.note("analysis_not_used", now, by="bot", reason="paid" if order.paid_at else "which picture?")
        return
    picture.analysis = message.analysis
    order.note("analysed", now, by="bot", task_id=picture.task_id)


def _picture_meant(order: Order, message: AnalysisReceived) -> Picture | None:
    live = order.live
    if message.task_id or message.image_url:
        named = [p for p in live if p.task_id == message.task_id or (p.image_url and p.image_url == message.image_url)]
        return named[0] if named else None
    return live[0] if len(live) == 1 else None


@handle.register
def _payment_received(message: PaymentReceived, order: Order, now: datetime) -> None:
    payment_id = message.payment_id or message.event_id
    if any(payment.payment_id == payment_id for payment in order.payments):
        return
    paid_at = message.paid_at or now
    currency = message.currency or order.known_rules.prices.currency
    flag = quoting.flag_of(message.amount, currency, order.quote_at(paid_at), order.amount_paid)
    payment = Payment(
        payment_id=payment_id,
        amount=message.amount or Decimal(0),
        currency=currency,
        paid_at=paid_at,
        flagged=flag,
    )
    order.payments.append(payment)
    order.note("paid", now, by="customer", **payment.model_dump(mode="json"))
    order.paid_at = order.paid_at or now
    order.move(order.with_status(Status.PENDING), Status.PAID, now, by="customer")


@handle.register
def _customer_message(message: CustomerMessage, order: Order, now: datetime) -> None:
    order.note("customer_said", now, by="customer", text=message.text, image_url=message.image_url)
    reading = listening.read(message.text)
    if reading.address:
        _take_address(order, reading.address, now)
    waiting = order.with_status(*BEFORE_THE_CUSTOMER)
    if not waiting:
        return
    if reading.mood is Mood.REFUSAL or _answers_our_question(order, waiting, reading, message.text):
        _refuse(order, waiting, reading, message.text, now)
    elif reading.mood is Mood.ADDRESS:
        _accept(order, order.with_status(Status.AWAITING_CONFIRM) or waiting, now)
    elif reading.mood is Mood.DOUBTFUL_ADDRESS:
        order.say("address_doubtful", now)
    elif reading.mood is Mood.CONTENT:
        _be_content(order, waiting, reading.picture, now)


def _be_content(order: Order, waiting: list[Picture], number: int | None, now: datetime) -> None:
    named = _named(order, number)
    if number and named not in waiting:
        order.say("which_picture", now, count=str(len(order.pictures)))
        return
    _accept(order, [named] if named else waiting, now)
    _ask_for_address_once(order, now)


def _answers_our_question(order: Order, waiting: list[Picture], reading: Reading, text: str) -> bool:
    """Whether the words say which picture, or what to change; an address may stand beside the latter."""
    if order.unplaced_wish is not None and reading.mood is Mood.OTHER and reading.picture:
        return True
    asked = any(picture.status is Status.REVISION for picture in waiting)
    return asked and reading.mood in {Mood.OTHER, Mood.ADDRESS} and bool(listening.describe(text))


def _refuse(order: Order, waiting: list[Picture], reading: Reading, text: str, now: datetime) -> None:
    picture = _picture_spoken_of(order, waiting, reading.picture)
    description = "\n".join(filter(None, [order.unplaced_wish, listening.describe(text)]))
    order.unplaced_wish = None
    if picture is None:
        order.unplaced_wish = description
        order.say("which_picture", now, count=str(len(order.pictures)))
    elif description:
        _revise(order, picture, description, now)
    else:
        _ask_what_to_change(order, picture, now)


def _picture_spoken_of(order: Order, waiting: list[Picture], number: int | None) -> Picture | None:
    if number:
        named = _named(order, number)
        return named if named in waiting else None
    asked = [picture for picture in waiting if picture.status is Status.REVISION]
    candidates = asked or waiting
    return candidates[0] if len(candidates) == 1 else None


def _named(order: Order, number: int | None) -> Picture | None:
    """The picture of this number, as the customer counts what was sent; a single one is meant whatever its number."""
    if number and len(order.live) == 1:
        return order.live[0]
    return order.pictures[number - 1] if number and number <= len(order.pictures) else None


def _ask_for_address_once(order: Order, now: datetime) -> None:
    if not order.email and not order.address_asked:
        order.address_asked = True
        order.say("ask_address", now)


@handle.register
def _revision_requested(message: RevisionRequested, order: Order, now: datetime) -> None:
    revisable = order.with_status(*BEFORE_THE_CUSTOMER, Status.COMPLETED)
    named = [p for p in revisable if message.task_id in {None, p.task_id}]
    if len(named) != 1:
        order.note("revision_not_started", now, by="customer", **message.model_dump(mode="json"))
    elif message.note.strip():
        _revise(order, named[0], message.note.strip(), now)
    else:
        _ask_what_to_change(order, named[0], now)


@handle.register
def _email_provided(message: EmailProvided, order: Order, now: datetime) -> None:
    address = listening.find_address(message.email)
    if address is None:
        order.note("address_not_understood", now, by="customer")
        order.say("address_doubtful", now)
        return
    _take_address(order, address, now)
    _accept(order, order.with_status(*BEFORE_THE_CUSTOMER), now)


def _take_address(order: Order, address: str, now: datetime) -> None:
    order.email, order.email_status = address, ""
    order.note("address_given", now, by="customer")


def _accept(order: Order, pictures: list[Picture], now: datetime) -> None:
    order.unplaced_wish = None
    for picture in pictures:
        picture.accepted = True
    taken_back = [picture for picture in pictures if picture.status is Status.REVISION]
    order.move(taken_back, Status.AWAITING_CONFIRM, now, by="customer")


def _revise(order: Order, picture: Picture, wish: str, now: datetime) -> None:
    picture.round += 1
    picture.revision_notes.append(wish)
    picture.size = read_size(wish) or picture.size
    picture.accepted = False
    order.move([picture], Status.PROCESSING, now, by="customer")
    order.note("revision_started", now, by="customer", task_id=picture.task_id, wish=wish, round=picture.round)
    order.say("redo_started", now)


def _ask_what_to_change(order: Order, picture: Picture, now: datetime) -> None:
    picture.accepted = False
    if picture.status is not Status.REVISION:
        order.move([picture], Status.REVISION, now, by="customer")
    order.say("what_to_change", now)
