"""What staff change of a picture that is at work, or lies before the customer, is done: it is made anew."""

from datetime import datetime

from domain.designers import transfers
from domain.order.order import Order
from domain.order.picture import Picture
from domain.texts.phrase import Said
from domain.vocabulary.status import BEFORE_THE_CUSTOMER, Status


def redo(order: Order, picture: Picture, why: Said, now: datetime) -> None:
    """Begin a round of its own where work has begun; who has it hears of the change. It is none of the free ones."""
    is_shown = picture.status in BEFORE_THE_CUSTOMER
    if picture.status is Status.WITH_DESIGNER or (is_shown and transfers.is_of_designer(picture)):
        transfers.transfer(order, picture, why, now)
    elif is_shown or picture.status in {Status.PROCESSING, Status.PAID}:
        picture.round += bool(picture.attempts)
        picture.is_restarted = picture.status is Status.PROCESSING
        picture.accepted = False
    elif made := picture.unjudged:
        made.unjudged = None  # of what was wanted before: resumed, it is made anew
    if not is_shown:
        return
    order.address_asked = order.links_offered = False  # where to send the next result is another question
    order.say("redo_by_shop", now)
    if picture.status in BEFORE_THE_CUSTOMER:
        order.move([picture], Status.PROCESSING, now, by="staff")
