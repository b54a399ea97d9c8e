"""How large things may grow, in bytes of JSON: what an order keeps of each kind, and what it hands on at once.

Temporal takes two megabytes of one payload and four of all that a workflow task begins; an order stays far below both,
whatever it is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, TypeAdapter

from domain.bounds.limits import LONGEST_WORDS

STATE = 200_000  # of an order with its inbox: what goes into a new run
PAYLOAD = 100_000  # that an activity or a child is given
REPORT_ALONG = 60_000  # of news that the work on a picture takes along, beside its prompt
MARGIN = 1_000  # of what stands between lines
MOST_LINES = 200  # of news that are told at once: they are one transaction
UNREPORTED = 25_000  # of news: what else was sent waits until they are told
KEPT_JOURNAL, KEPT_CHANGES = 12_000, 12_000  # of lines that are told: the rows hold all
HEAVY = 120_000  # of an order: then it keeps no more than it needs
WISHES, OF_A_PICTURE, AT_ONCE = 20_000, 12_000, 20_000  # of what is wanted: in all, of one picture, by one message
EARLY = 12_000  # of what is said of pictures before they came
CONSENTS, OFFERED = 6_000, 16_000  # of consents, of results not fetched yet
PAYMENTS = 12  # and as many refunds: neither may keep the other out
ANSWERS = 9_000  # to updates, for their repeats
NOTICES = 16_000  # for staff, while they cannot be told: then one says that there are more
HAD_IT = 4_000  # of designers who did not accept a picture in time
FOR_ORDER = 16_000  # of what a dispatch has to tell its order: beyond it results go to staff
FOUND = 60_000  # of what a search found
LATE_EVENT = 50_000  # of an event that no open order can hear
SHOWN = 100  # characters of what was changed, in the journal: the row of the change holds all

_JSON: TypeAdapter[Any] = TypeAdapter(Any)


class Line(Protocol):
    """Something that happened, numbered as it came."""

    @property
    def serial(self) -> int:
        """Its number."""


AnyLine = TypeVar("AnyLine", bound=Line)
AnyValue = TypeVar("AnyValue")


def size(value: Any) -> int:
    """Return how large something is on its way; of a state, what differs from its defaults."""
    return len(_JSON.dump_json(value, exclude_defaults=isinstance(value, BaseModel)))


def sizes(values: Iterable[Any]) -> int:
    """Return how large all of these are together."""
    return sum(map(size, values))


def first(values: Iterable[AnyValue], room: int) -> list[AnyValue]:
    """Return the first ones for which there is room."""
    kept: list[AnyValue] = []
    for value in values:
        room -= size(value)
        if room < 0:
            break
        kept.append(value)
    return kept


def cut(fields: dict[str, Any], room: int = LATE_EVENT, longest: int = LONGEST_WORDS) -> dict[str, Any]:
    """Return fields as they are, or where they are too large the smallest of them, long texts cut, and how many not."""
    if size(fields) <= room:
        return fields
    texts = {name[:SHOWN]: value[:longest] if isinstance(value, str) else value for name, value in fields.items()}
    kept = dict(first(sorted(texts.items(), key=size), room))
    return kept | {"left_out": len(fields) - len(kept)}


def portion(lines: Iterable[AnyLine], room: int) -> tuple[list[AnyLine], bool]:
    """Return the first lines for which there is room, one at any rate, and whether these are all."""
    numbered = sorted(lines, key=lambda line: line.serial)
    for count, line in enumerate(numbered):
        room -= size(line)
        if count and (room < 0 or count >= MOST_LINES):
            return numbered[:count], False
    return numbered, True


def kept(lines: Sequence[AnyLine], told: int, length: int, most: int) -> list[AnyLine]:
    """Return the last lines for which there is room, and every one that is not told yet."""
    fresh = [line for line in lines if line.serial > told]
    old: list[AnyLine] = []
    most -= sizes(fresh)
    for line in reversed(lines[: len(lines) - len(fresh)]):
        most -= size(line)
        if most < 0 or len(old) + len(fresh) >= length:
            break
        old.insert(0, line)
    return [*old, *fresh]
