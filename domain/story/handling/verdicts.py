"""The customer's reply to a preview: a change, an address or a yes. Free text is read as one of these."""

from datetime import datetime

from domain import language
from domain.designers import transfers
from domain.order import hours, objections
from domain.order.messages import Answer, EmailProvided, LinkOpened, RevisionRequested
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import delivering, progress
from domain.story.handling.naming import picture_by_task
from domain.texts.phrase import Said, said, written
from domain.vocabulary.sizes import read_size
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, GONE, Status


def revision_requested(message: RevisionRequested, order: Order, now: datetime) -> Answer | None:
    """Start a revision of a shown or delivered picture; ask what to change if the message does not say."""
    objections.resolve_objections(order, now, by="bot")
    picture = picture_by_task(order.with_status(*BEFORE_THE_CUSTOMER, Status.COMPLETED), message.task_id)
    if message.image_url:
        order.tell_staff("staff_picture_shown", now, address=message.image_url[:500], text=message.note[:200] or "-")
    if picture is None:
        order.note("revision_not_started", now, by="customer", **message.model_dump(mode="json"))
        return Answer(accepted=False, reason=_revision_refusal(order))
    if message.note.strip():
        revise(order, picture, message.note.strip(), now)
    else:
        ask_what_to_change(order, picture, now, shown_by=message.image_url)
    return None


def _revision_refusal(order: Order) -> Said:
    if order.status in GONE:
        return Said(phrase="change_after_end")
    if not order.with_status(*BEFORE_THE_CUSTOMER, Status.COMPLETED):
        return Said(phrase="no_preview_yet")
    return Said(phrase="which_picture", values={"count": str(len(order.pictures))})


def email_provided(message: EmailProvided, order: Order, now: datetime) -> None:
    """Keep the e-mail address; giving one accepts the pictures awaiting confirmation."""
    objections.resolve_objections(order, now, by="bot")
    address = language.exact_address(message.email)
    if address is None:
        order.note("address_not_understood", now, by="customer")
        order.say("address_doubtful", now)
        return
    set_address(order, address, now)
    accept(order, awaiting_confirmation(order), now)


def link_opened(message: LinkOpened, order: Order, now: datetime) -> None:
    """Opening a link to the finished files accepts them."""
    delivering.link_opened(order, message.key, now)


def set_address(order: Order, address: str, now: datetime) -> None:
    """Set the delivery address. An e-mail that failed is sent again."""
    order.email, order.email_status, order.is_letter_broken = address, "", False
    order.note("address_given", now, by="customer")


def awaiting_confirmation(order: Order) -> list[Picture]:
    """Return the pictures that a yes accepts: those awaiting confirmation, or if there are none, those in revision."""
    return order.with_status(Status.AWAITING_CONFIRM) or order.with_status(Status.REVISION)


def accept(order: Order, pictures: list[Picture], now: datetime) -> None:
    """Accept pictures. They are delivered once all are accepted and the address is known."""
    order.unplaced_wish = None
    for picture in pictures:
        picture.accepted = True
    taken_back = [picture for picture in pictures if picture.status is Status.REVISION]
    order.move(taken_back, Status.AWAITING_CONFIRM, now, by="customer")


def revise(order: Order, picture: Picture, wish: str, now: datetime) -> None:
    """Start a round with the customer's wish. Beyond the free revisions a designer does it."""
    picture.round += 1
    picture.revision_notes.append(wish)
    picture.size = read_size(wish) or picture.size
    picture.accepted = False
    order.address_asked = order.links_offered = False  # asked again for the next result
    order.note("revision_started", now, by="customer", task_id=picture.task_id, wish=wish, round=picture.round)
    if transfers.is_of_designer(picture):
        transfers.transfer(order, picture, written(wish), now)
        order.say("redo_started", now)
        hours.tell_when_closed(order, now)
        return
    if picture.revision_count > order.known_rules.free_revisions:
        progress.send_to_designer(order, picture, said("reason.free_rounds_used", wish=wish), now)
        return
    order.move([picture], Status.PROCESSING, now, by="customer")
    order.say("redo_started", now)


def ask_what_to_change(order: Order, picture: Picture, now: datetime, shown_by: str | None = None) -> None:
    """Ask what to change."""
    picture.accepted = False
    if picture.status is not Status.REVISION:
        order.move([picture], Status.REVISION, now, by="customer")
    order.say("picture_noted" if shown_by else "what_to_change", now)


def ask_where_to_send(order: Order, now: datetime) -> None:
    """Offer the known address, then ask for one, each once; a customer who still gives none gets a link."""
    if order.known_email and order.known_email != order.refused_email and not order.is_known_email_offered:
        order.is_known_email_offered = True
        order.say("offer_known_address", now, email=_masked(order.known_email))
    elif not order.address_asked:
        order.address_asked = True
        order.say("ask_address", now)
    elif not order.links_offered:
        delivering.offer_links(order, now)


def resend_files(order: Order, now: datetime) -> None:
    """Mail the finished files again; ask for the address if there is none."""
    order.resend, order.is_letter_broken = True, False
    if not order.email:
        order.say("ask_address", now)


def _masked(address: str) -> str:
    """Return the address masked: its owner recognises it, but nobody else can write to it."""
    name, _, domain = address.partition("@")
    return f"{name[0]}***{name[-1] if len(name) > 2 else ''}@{domain}"  # noqa: PLR2004 - a name of three letters
