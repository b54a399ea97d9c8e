"""How finished files reach the customer: by e-mail, by a link in the chat, or by that link after long silence."""

from datetime import datetime

from domain.attempts.work import DeliveredFile, MailInput, MailOutcome
from domain.order.order import Order
from domain.order.picture import Picture, Result
from domain.texts.phrase import Said
from domain.vocabulary import ids
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, GONE, Status
from domain.vocabulary.trail import Posting


def is_deliverable(order: Order) -> bool:
    """Whether an e-mail is due: every picture is accepted and the address known, or a resend was requested."""
    finished = order.with_status(Status.COMPLETED)
    is_whole = bool(accepted(order)) and len(accepted(order)) + len(finished) == len(order.live)
    is_free = not order.is_letter_broken and not order.objections
    return bool(order.email) and is_free and (is_whole or (order.resend and bool(finished)))


def is_mail_failing(order: Order) -> bool:
    """Whether the e-mail that is due has already failed at the mail server."""
    return is_deliverable(order) and order.mail_trouble == order.email


def is_mail_cancelled(order: Order) -> bool:
    """Whether an e-mail in progress is no longer due, or must go to another address."""
    return not is_deliverable(order) or (order.posting is not None and order.posting.to != order.email)


def was_mail_cancelled(order: Order, letter: MailInput) -> bool:
    """Whether this e-mail was cancelled while its last try was under way; another may have taken its place."""
    return is_mail_cancelled(order) or order.posting is None or order.posting.number != letter.delivery


def accepted(order: Order) -> list[Picture]:
    """Return the pictures whose preview the customer has accepted and that are not delivered yet."""
    return [picture for picture in order.with_status(Status.AWAITING_CONFIRM) if picture.accepted]


def files(order: Order) -> list[DeliveredFile]:
    """Return the finished files under the names the customer sees, numbered in the order of the pictures they sent."""
    wanted = {picture.task_id for picture in [*accepted(order), *order.with_status(Status.COMPLETED)]}
    numbered = [(number, picture) for number, picture in enumerate(order.pictures, 1) if picture.task_id in wanted]
    return [_file(order, number, picture, picture.result) for number, picture in numbered if picture.result]


def _file(order: Order, number: int, picture: Picture, result: Result) -> DeliveredFile:
    file, is_plain = result.file, order.is_label_waived and bool(result.plain_key)
    return DeliveredFile(
        key=result.plain_key if is_plain else file.key,
        filename=ids.finished_name(order.order_id, number, file.key),
        content_type=file.content_type,
        file_size=result.plain_size if is_plain else file.file_size,
        width=file.width,
        height=file.height,
        operation=picture.work,
        original_key=picture.original.key if picture.original else "",
        view_key=result.plain_key if is_plain and result.view_key == file.key else result.view_key,
    )


def next_mail(order: Order) -> MailInput:
    """Return the e-mail that is due. One in progress keeps its number; any other gets the next number."""
    assert order.email is not None
    finished = files(order)
    keys, posting = [file.key for file in finished], order.posting
    if posting is None or (posting.to, posting.files) != (order.email, keys):
        order.letters = max(order.letters, order.deliveries) + 1
        posting = order.posting = Posting(number=order.letters, to=order.email, files=keys)
    return MailInput(
        order_id=order.order_id,
        delivery=posting.number,
        to=order.email,
        customer_name=order.customer_name,
        files=finished,
    )


def mail_finished(order: Order, letter: MailInput, outcome: MailOutcome, now: datetime) -> None:
    """Record whether an e-mail was sent. Meanwhile the customer may have given another address or objected."""
    facts = {"label": "waived"} if order.is_label_waived else {}
    order.note("mailed", now, status=outcome.status, message_id=outcome.message_id, error=outcome.error, **facts)
    _clear_posting(order, letter)
    order.mail_trouble_told = ""
    order.deliveries += outcome.status == "sent"
    if outcome.status == "refused":
        order.refused_email = letter.to
    if order.status in GONE:  # it was cancelled, but the mail server had already taken it
        if outcome.status == "sent":
            order.email_status = "sent"
            order.tell_staff("staff_mailed_all_the_same", now, email=letter.to, status=order.shown_status)
        return
    if letter.to != order.email:
        return  # accepted pictures go to the new address in another e-mail
    order.email_status = outcome.status
    if outcome.status == "refused":
        order.email = None
        order.say("mail_refused", now)
        order.tell_staff("staff_mail_refused", now, email=letter.to, error=outcome.error)
        return
    order.resend = False
    sent = {file.key for file in letter.files}
    _complete(order, [p for p in accepted(order) if p.result and p.result.keys & sent], now)
    if order.objections:  # raised after the mail server had taken it
        order.tell_staff("staff_mailed_all_the_same", now, email=letter.to, status=order.shown_status)
    else:
        order.say("mail_sent", now)


def mail_failed(order: Order, letter: MailInput, reason: Said, now: datetime, *, is_shared: bool = False) -> None:
    """Record that the mail server does not take an e-mail, for a reason that is not the customer's.

    Staff are told once per e-mail, unless the failure `is_shared` by all e-mails: then the outage is reported once.
    """
    order.mail_trouble = letter.to
    if not is_shared and order.mail_trouble_told != letter.to:
        order.mail_trouble_told = letter.to
        order.tell_staff("staff_mail_trouble", now, email=letter.to, error=reason)


def mail_cancelled(order: Order, letter: MailInput, now: datetime) -> None:
    """Tell staff about a cancelled e-mail that the mail server may or may not have taken."""
    _clear_posting(order, letter)
    order.note("letter_called_off", now, number=letter.delivery)
    order.tell_staff("staff_letter_called_off", now, email=letter.to, status=order.shown_status)


def _clear_posting(order: Order, letter: MailInput) -> None:
    """Clear the state of an e-mail that is no longer in progress. The state of another e-mail stays."""
    if order.posting and order.posting.number == letter.delivery:
        order.posting = None
    if order.mail_trouble == letter.to:
        order.mail_trouble = ""


def offer_links(order: Order, now: datetime, phrase: str = "download_links") -> None:
    """Send links to the finished files in the chat. Opening one accepts them all."""
    order.links_offered = True
    finished = files(order)
    links, sizes = {file.filename: file.key for file in finished}, {file.filename: file.file_size for file in finished}
    order.link(phrase, links, now, sizes)


def link_opened(order: Order, key: str, now: datetime) -> None:
    """Complete the accepted pictures once an offered link is opened. While the order is held, this is postponed."""
    keys = [picture.result.keys for picture in accepted(order) if picture.result]
    if not (order.links_offered and any(key in known for known in keys)):
        return
    order.note("link_opened", now, by="customer", key=key)
    if order.objections:
        order.opened_link = key
        return
    _complete(order, accepted(order), now)
    order.say("link_done", now)


def resume_opened_link(order: Order, now: datetime) -> None:
    """Apply a link that was opened during a hold, once the hold is over."""
    if order.opened_link and not order.objections:
        key, order.opened_link = order.opened_link, ""
        link_opened(order, key, now)


def accept_by_silence(order: Order, now: datetime) -> None:
    """Send the links and complete the order of a customer who has been silent for `silence_days`."""
    order.move(order.with_status(Status.REVISION), Status.AWAITING_CONFIRM, now)
    silent = order.with_status(*BEFORE_THE_CUSTOMER)
    for picture in silent:
        picture.accepted = True
    offer_links(order, now, "silence_links")
    _complete(order, silent, now)


def _complete(order: Order, pictures: list[Picture], now: datetime) -> None:
    if pictures:
        order.completed_at = now
    for picture in pictures:
        picture.completed_at = now
    order.move(pictures, Status.COMPLETED, now)
