"""How long what is sent may be, in characters and digits. What people wrote is cut; what names something is refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

LONGEST_WORDS = 2000  # characters that somebody wrote
LONGEST_LINE = 100  # characters of a short answer, such as what is to be seen
LONGEST_NAME = 255  # characters of an id that others may read
LONGEST_LINK = 2000
LONGEST_ADDRESS = 500  # characters of an e-mail address and what stands beside it
LONGEST_WISHES = 2000  # characters of all wishes that designers are told together
LONGEST_VALUE = 60  # characters of an amount, a currency or a time
LARGEST_AMOUNT = 10_000_000
LARGEST_COUNT = 1_000_000  # of rounds and the like
MOST_PICTURES = 40  # of an order
TOO_MANY_PICTURES = "too_many_pictures"  # what its sender is told of more
MOST_REASONS = 10  # of a risk
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
REPLACEMENT = "\ufffd"  # stands for what was no character
_HALF_ADDRESS = re.compile(r"(?:@|\uff20|艾特)[\w.-]*$", re.ASCII)
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def _first_characters(words: str, most: int) -> str:
    """Return the beginning of words, without the beginning of an address: that would be somebody else's."""
    kept = words.translate(_CONTROLS)
    return kept if len(kept) <= most else _HALF_ADDRESS.sub("", kept[:most])


def _first_items(items: list[Any], most: int) -> list[Any]:
    return items[:most]


def newest(wishes: list[str], most: int = LONGEST_WISHES) -> list[str]:
    """Return the wishes for which there is room, oldest first: it is the oldest that is cut, and those before it."""
    kept: list[str] = []
    for wish in reversed(wishes):
        if most <= 0:
            break
        kept.insert(0, wish[:most])
        most -= len(wish)
    return kept


@dataclass(frozen=True)
class Cut:
    """What is too long is cut: its sender hears no refusal, and the signal in the history keeps all of it."""

    after: int
    keep: Callable[[Any, int], Any] = _first_characters

    def __call__(self, value: Any) -> Any:
        """Return what is kept."""
        return self.keep(value, self.after)


def readable_id(text: str) -> str:
    """Return an id as it is. Raises ValueError for one that could be neither printed nor named in an address.

    Neither Temporal's lists nor Postgres take all characters, and two ids that were broken may look the same.
    """
    if not text.isprintable():
        raise ValueError("holds characters that cannot be printed")
    if REPLACEMENT in text:
        raise ValueError("holds a character that was broken on its way: half of a surrogate pair, or no UTF-8")
    if text in {".", ".."}:
        raise ValueError("is no id: whoever names it in an address leads elsewhere")
    return text


CUT_AFTER = "x-cut-after"  # says in a schema that what is longer is cut, where maxLength says that it is refused
Words = Annotated[str, AfterValidator(Cut(LONGEST_WORDS)), Field(json_schema_extra={CUT_AFTER: LONGEST_WORDS})]
Line = Annotated[str, AfterValidator(Cut(LONGEST_LINE)), Field(json_schema_extra={CUT_AFTER: LONGEST_LINE})]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]  # what Temporal indexes, or a key of a row
Id = Annotated[Name, AfterValidator(readable_id)]  # of a customer, of a shop: it stands in addresses and lists
Address = Annotated[str, Field(max_length=LONGEST_ADDRESS)]  # one that is cut would be somebody else's
Link = Annotated[str, Field(max_length=LONGEST_LINK)]
Reasons = Annotated[
    list[Line], AfterValidator(Cut(MOST_REASONS, _first_items)), Field(json_schema_extra={CUT_AFTER: MOST_REASONS})
]
Wishes = Annotated[
    list[Words], AfterValidator(Cut(LONGEST_WISHES, newest)), Field(json_schema_extra={CUT_AFTER: LONGEST_WISHES})
]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
