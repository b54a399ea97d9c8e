"""Shop hours: deadlines that depend on people run only while the shop is open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.order.order import Order
from domain.vocabulary.rules import OpeningHours


def is_open(moment: datetime, rules: OpeningHours) -> bool:
    """Whether the shop is open at this moment."""
    opening, closing = _day(moment, rules)
    return opening <= moment < closing


def next_opening(moment: datetime, rules: OpeningHours) -> datetime:
    """Return the moment itself if the shop is open then, else the next opening time."""
    opening, closing = _day(moment, rules)
    if moment >= closing:
        return _day(opening + timedelta(days=1), rules)[0]
    return max(moment, opening)


def add_open_hours(start: datetime, work: timedelta, rules: OpeningHours) -> datetime:
    """Return when `work` has passed since `start`, counting shop hours only."""
    moment = next_opening(start, rules)
    while (left := _day(moment, rules)[1] - moment) < work:
        work -= left
        moment = next_opening(moment + left, rules)
    return moment + work


def open_time(start: datetime, end: datetime, rules: OpeningHours) -> timedelta:
    """Return how long the shop is open between two moments; zero if the end is not later."""
    total, moment = timedelta(), next_opening(start, rules)
    while moment < end:
        closing = min(_day(moment, rules)[1], end)
        total += closing - moment
        moment = next_opening(closing + timedelta(microseconds=1), rules)
    return total


def tell_when_closed(order: Order, now: datetime) -> None:
    """Tell a customer whose order waits for staff when the shop opens again, once per closing."""
    if is_open(now, order.known_rules):
        order.is_closed_told = False
    elif not order.is_closed_told:
        order.is_closed_told = True
        order.say("shop_closed", now, opens=f"{order.known_rules.opens_at}:00")


def _day(moment: datetime, rules: OpeningHours) -> tuple[datetime, datetime]:
    """Return the opening and closing times of the shop's calendar day that contains the moment."""
    midnight = moment.astimezone(ZoneInfo(rules.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    opening, closing = (midnight + timedelta(hours=hour) for hour in (rules.opens_at, rules.closes_at))
    return opening.astimezone(moment.tzinfo), closing.astimezone(moment.tzinfo)
