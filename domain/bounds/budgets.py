"""Size limits in bytes of JSON: how much of each kind an order keeps, and how much it passes on at once.

Temporal limits one payload to 2 MB and the commands of one workflow task to 4 MB. An order stays far below both,
whatever it is sent.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, TypeAdapter

from domain.bounds.limits import LONGEST_WORDS

STATE = 200_000  # an order with its inbox: the input of continue-as-new
PAYLOAD = 100_000  # the input of an activity or a child workflow
REPORT_ALONG = 60_000  # a report sent along with the work on a picture, besides the prompt
MARGIN = 1_000  # for what separates lines
MOST_LINES = 200  # of one report: its rows are written in one transaction
UNREPORTED = 25_000  # unreported lines: from here on signals wait until a report went out
KEPT_JOURNAL, KEPT_CHANGES = 12_000, 12_000  # of reported lines: the database holds all
HEAVY = 120_000  # an order of this size is reduced to what it needs
WISHES, OF_A_PICTURE, AT_ONCE = 20_000, 12_000, 20_000  # of what customers want: in total, per picture, per message
EARLY = 12_000  # of messages about pictures that have not arrived yet
CONSENTS, OFFERED = 6_000, 16_000  # consents, and results not fetched yet
PAYMENTS = 12  # and as many refunds, so that neither crowds out the other
ANSWERS = 9_000  # to updates, kept for repeats
NOTICES = 16_000  # pending for staff; beyond this one notice says that there are more
HAD_IT = 4_000  # names of designers who did not accept in time
FOR_ORDER = 16_000  # signals waiting for the order of a dispatch; beyond this, results go to staff
FOUND = 60_000  # results of a search
LATE_EVENT = 50_000  # an event for an order that is not open
TAGS_OF_ONE_TEXT = 64  # of the words in an analysis from which the database takes tags
SHOWN = 100  # characters of a changed value in the journal; the row of the change holds all

_JSON: TypeAdapter[Any] = TypeAdapter(Any)


class Line(Protocol):
    """Something that happened, numbered in order of arrival."""

    @property
    def serial(self) -> int:
        """Its number."""


AnyLine = TypeVar("AnyLine", bound=Line)
AnyValue = TypeVar("AnyValue")


def size(value: Any) -> int:
    """Return the size of a value in bytes of JSON; of a model, only fields that differ from their defaults count."""
    return len(_JSON.dump_json(value, exclude_defaults=isinstance(value, BaseModel)))


def sizes(values: Iterable[Any]) -> int:
    """Return the total size of these values in bytes, measured in one go."""
    listed = list(values)
    return len(_JSON.dump_json(listed, exclude_defaults=True)) - len(listed) - 1 if listed else 0  # without `[,]`


def first(values: Iterable[AnyValue], room: int) -> list[AnyValue]:
    """Return the first values that fit into `room` bytes."""
    kept: list[AnyValue] = []
    for value in values:
        room -= size(value)
        if room < 0:
            break
        kept.append(value)
    return kept


def shortened(words: str, room: int) -> str:
    """Return the beginning of a text that fits into `room` bytes of UTF-8."""
    return words.encode()[:room].decode(errors="ignore")


def cut(fields: dict[str, Any], room: int = LATE_EVENT, longest: int = LONGEST_WORDS) -> dict[str, Any]:
    """Return fields that fit into `room` bytes.

    Fields that are too large together have their texts cut to `longest` characters; then the smallest are kept, and
    `left_out` counts the others.
    """
    if size(fields) <= room:
        return fields
    texts = {name[:SHOWN]: value[:longest] if isinstance(value, str) else value for name, value in fields.items()}
    kept = dict(first(sorted(texts.items(), key=size), room))
    return kept | {"left_out": len(fields) - len(kept)}


def portion(lines: Iterable[AnyLine], room: int) -> tuple[list[AnyLine], bool]:
    """Return the first lines that fit into `room` bytes, at least one, and whether these are all."""
    numbered = sorted(lines, key=lambda line: line.serial)
    for count, line in enumerate(numbered):
        room -= size(line)
        if count and (room < 0 or count >= MOST_LINES):
            return numbered[:count], False
    return numbered, True


def kept(lines: Sequence[AnyLine], told: int, length: int, most: int) -> list[AnyLine]:
    """Return every line after the serial `told`, and before these the newest ones that fit.

    `length` limits the number of lines and `most` their bytes; lines not told yet count, but are never dropped.
    """
    fresh = [line for line in lines if line.serial > told]
    old: list[AnyLine] = []
    most -= sizes(fresh)
    for line in reversed(lines[: len(lines) - len(fresh)]):
        most -= size(line)
        if most < 0 or len(old) + len(fresh) >= length:
            break
        old.insert(0, line)
    return [*old, *fresh]
