"""Redoing a picture after staff changed what is wanted while it was in work or shown to the customer."""

from datetime import datetime

from domain.designers import transfers
from domain.order.order import Order
from domain.order.picture import Picture
from domain.texts.phrase import Said
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, Status


def redo(order: Order, picture: Picture, why: Said, now: datetime) -> None:
    """Start another round if work has begun, and tell its designer. It does not count as a free revision."""
    is_shown = picture.status in BEFORE_THE_CUSTOMER
    if picture.status is Status.WITH_DESIGNER or (is_shown and transfers.is_of_designer(picture)):
        transfers.transfer(order, picture, why, now)
    elif is_shown or picture.status in {Status.PROCESSING, Status.PAID}:
        picture.round += bool(picture.attempts)
        picture.is_restarted = picture.status is Status.PROCESSING
        picture.accepted = False
    elif made := picture.unjudged:
        made.unjudged = None  # made for the old request: when resumed, it is made again
    if not is_shown:
        return
    order.address_asked = order.links_offered = False  # asked again for the next result
    order.say("redo_by_shop", now)
    if picture.status in BEFORE_THE_CUSTOMER:
        order.move([picture], Status.PROCESSING, now, by="staff")
