"""Messages of the customer's word: about a preview, an address, changes that are wanted."""

from datetime import datetime

from domain import delivering, hours, listening, progress, transfers, wishes
from domain.handling.naming import named, numbered
from domain.handling.wishes import words_before_payment
from domain.listening import Mood, Reading
from domain.messages import Answer, CustomerMessage, EmailProvided, LinkOpened, RevisionRequested
from domain.order import Order
from domain.phrase import Said, said, written
from domain.sizes import read_size
from domain.status import BEFORE_THE_CUSTOMER, Status
from domain.task import Picture


def customer_message(message: CustomerMessage, order: Order, now: datetime) -> Answer | None:
    """Read words by the shop's rules: before a preview as wishes, after it as refusal, address or content."""
    order.note("customer_said", now, by="customer", text=message.text, image_url=message.image_url)
    reading = listening.read(message.text)
    if reading.address:
        _take_address(order, reading.address, now)
    waiting = order.with_status(*BEFORE_THE_CUSTOMER)
    if message.image_url and order.paid_at:
        order.tell_staff("staff_picture_shown", now, picture=message.image_url[:500], text=message.text[:200] or "-")
    if not waiting:
        return words_before_payment(message, order, now)
    order.waits_since = now
    _hear_about_preview(order, waiting, reading, message.text, now)
    return None


def _hear_about_preview(order: Order, waiting: list[Picture], reading: Reading, text: str, now: datetime) -> None:
    if reading.mood is Mood.REFUSAL or _answers_our_question(order, waiting, reading, text):
        _refuse(order, waiting, reading, text, now)
    elif reading.mood is Mood.ADDRESS:
        picture = numbered(order, reading.picture)
        _accept(order, [picture] if picture in waiting and picture else _lying_there(order, waiting), now)
    elif reading.mood is Mood.DOUBTFUL_ADDRESS:
        order.say("address_doubtful", now)
    elif order.is_known_email_offered and order.known_email and not order.email and listening.is_yes(text):
        _take_address(order, order.known_email, now)
        _accept(order, _lying_there(order, waiting), now)
    elif reading.mood is Mood.CONTENT:
        _be_content(order, waiting, reading.picture, text, now)
    elif wishes.wants_link(text):
        _accept(order, _lying_there(order, waiting), now)
        delivering.offer_links(order, now)


def _lying_there(order: Order, waiting: list[Picture]) -> list[Picture]:
    """What a yes accepts: a picture that was refused stays so while another one waits for a word."""
    return order.with_status(Status.AWAITING_CONFIRM) or waiting


def _be_content(order: Order, waiting: list[Picture], number: int | None, text: str, now: datetime) -> None:
    picture = numbered(order, number)
    if number and picture not in waiting:
        order.say("which_picture", now, count=str(len(order.pictures)))
        return
    _accept(order, [picture] if picture else _lying_there(order, waiting), now)
    if len(delivering.accepted(order)) < len(order.live) - len(order.with_status(Status.COMPLETED)):
        return
    if wishes.wants_link(text):
        delivering.offer_links(order, now)
    elif not order.email:
        _ask_where_to_send(order, now)


def _ask_where_to_send(order: Order, now: datetime) -> None:
    """An address is asked for once, the profile's offered first; whoever is content again without one gets a link."""
    if order.known_email and order.known_email != order.refused_email and not order.is_known_email_offered:
        order.is_known_email_offered = True
        order.say("offer_known_address", now, email=_masked(order.known_email))
    elif not order.address_asked:
        order.address_asked = True
        order.say("ask_address", now)
    elif not order.links_offered:
        delivering.offer_links(order, now)


def _masked(address: str) -> str:
    """Enough of an address for its owner to know it, and for nobody else to write to it."""
    name, _, domain = address.partition("@")
    return f"{name[0]}***{name[-1] if len(name) > 2 else ''}@{domain}"  # noqa: PLR2004 - a name of three letters


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
        picture = numbered(order, number)
        return picture if picture in waiting else None
    asked = [picture for picture in waiting if picture.status is Status.REVISION]
    candidates = asked or waiting
    return candidates[0] if len(candidates) == 1 else None


def revision_requested(message: RevisionRequested, order: Order, now: datetime) -> Answer | None:
    """Begin a revision of a picture that was shown, also of a delivered one; without a wish it is asked for."""
    picture = named(order.with_status(*BEFORE_THE_CUSTOMER, Status.COMPLETED), message.task_id)
    if message.image_url:
        order.tell_staff("staff_picture_shown", now, picture=message.image_url[:500], text=message.note[:200] or "-")
    if picture is None:
        order.note("revision_not_started", now, by="customer", **message.model_dump(mode="json"))
        return Answer(accepted=False, reason=_why_not(order))
    if message.note.strip():
        _revise(order, picture, message.note.strip(), now)
    else:
        _ask_what_to_change(order, picture, now, shown_by=message.image_url)
    return None


def _why_not(order: Order) -> Said:
    if not order.with_status(*BEFORE_THE_CUSTOMER, Status.COMPLETED):
        return Said(phrase="no_preview_yet")
    return Said(phrase="which_picture", values={"count": str(len(order.pictures))})


def email_provided(message: EmailProvided, order: Order, now: datetime) -> None:
    """Take an address; it accepts what lies before the customer."""
    address = listening.find_address(message.email)
    if address is None:
        order.note("address_not_understood", now, by="customer")
        order.say("address_doubtful", now)
        return
    _take_address(order, address, now)
    _accept(order, _lying_there(order, order.with_status(*BEFORE_THE_CUSTOMER)), now)


def link_opened(message: LinkOpened, order: Order, now: datetime) -> None:
    """Whoever opens a link to the finished files has them."""
    delivering.link_opened(order, message.key, now)


def _take_address(order: Order, address: str, now: datetime) -> None:
    order.email, order.email_status, order.is_letter_broken = address, "", False
    order.note("address_given", now, by="customer")


def _accept(order: Order, pictures: list[Picture], now: datetime) -> None:
    order.unplaced_wish = None
    for picture in pictures:
        picture.accepted = True
    taken_back = [picture for picture in pictures if picture.status is Status.REVISION]
    order.move(taken_back, Status.AWAITING_CONFIRM, now, by="customer")


def _revise(order: Order, picture: Picture, wish: str, now: datetime) -> None:
    """Begin a round with the customer's wish; beyond the free rounds a human does it."""
    picture.round += 1
    picture.revision_notes.append(wish)
    picture.size = read_size(wish) or picture.size
    picture.accepted = False
    order.address_asked = order.links_offered = False  # where to send the next result is another question
    order.note("revision_started", now, by="customer", task_id=picture.task_id, wish=wish, round=picture.round)
    if transfers.is_of_designer(picture):
        transfers.transfer(order, picture, written(wish), now)
        order.say("redo_started", now)
        hours.tell_when_closed(order, now)
        return
    if picture.revision_count > order.known_rules.free_revisions:
        progress.to_designer(order, picture, said("reason.free_rounds_used", wish=wish), now)
        return
    order.move([picture], Status.PROCESSING, now, by="customer")
    order.say("redo_started", now)


def _ask_what_to_change(order: Order, picture: Picture, now: datetime, shown_by: str | None = None) -> None:
    picture.accepted = False
    if picture.status is not Status.REVISION:
        order.move([picture], Status.REVISION, now, by="customer")
    order.say("picture_noted" if shown_by else "what_to_change", now)
