"""Length limits of what is sent, in characters and digits. Free text is cut; ids that are too long are rejected."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

LONGEST_WORDS = 2000  # characters of free text
LONGEST_LINE = 100  # characters of a short answer, such as the subject of a picture
LONGEST_NAME = 255  # characters of an id that people may read
LONGEST_LINK = 2000
LONGEST_ADDRESS = 500  # characters of an e-mail address with its surrounding text
LONGEST_WISHES = 2000  # characters of all wishes together, as designers get them
LONGEST_VALUE = 60  # characters of an amount, a currency or a time
LARGEST_AMOUNT = 10_000_000
LARGEST_COUNT = 1_000_000  # of rounds and the like
MOST_PICTURES = 40  # of an order
TOO_MANY_PICTURES = "too_many_pictures"  # the phrase for the sender of more
MOST_REASONS = 10  # of a risk
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
REPLACEMENT = "\ufffd"  # the Unicode replacement character
_HALF_ADDRESS = re.compile(r"(?:@|\uff20|艾特)[\w.-]*$", re.ASCII)
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"}


def _first_characters(words: str, most: int) -> str:
    """Return the first characters, without half an e-mail address at the end: that could be another person's."""
    kept = words.translate(_CONTROLS)
    return kept if len(kept) <= most else _HALF_ADDRESS.sub("", kept[:most])


def _first_items(items: list[Any], most: int) -> list[Any]:
    return items[:most]


def newest(wishes: list[str], most: int = LONGEST_WISHES) -> list[str]:
    """Return the newest wishes that fit into `most` characters, oldest first; the oldest kept one may be cut."""
    kept: list[str] = []
    for wish in reversed(wishes):
        if most <= 0:
            break
        kept.insert(0, wish[:most])
        most -= len(wish)
    return kept


@dataclass(frozen=True)
class Cut:
    """Cuts a value that is too long instead of rejecting it; the signal in the history keeps all of it."""

    after: int
    keep: Callable[[Any, int], Any] = _first_characters

    def __call__(self, value: Any) -> Any:
        """Return the part that is kept."""
        return self.keep(value, self.after)


def readable_id(text: str) -> str:
    """Return an id unchanged. Raises ValueError if it cannot be printed or used in a URL.

    Neither Temporal's visibility store nor Postgres accepts all characters, and two garbled ids may look the same.
    """
    if not text.isprintable():
        raise ValueError("contains unprintable characters")
    if REPLACEMENT in text:
        raise ValueError("contains a garbled character (half of a surrogate pair, or invalid UTF-8)")
    if text in {".", ".."}:
        raise ValueError("is not a valid id: in a URL it is a relative path")
    return text


CUT_AFTER = "x-cut-after"  # in a schema: longer values are cut, whereas maxLength rejects them
Words = Annotated[str, AfterValidator(Cut(LONGEST_WORDS)), Field(json_schema_extra={CUT_AFTER: LONGEST_WORDS})]
Line = Annotated[str, AfterValidator(Cut(LONGEST_LINE)), Field(json_schema_extra={CUT_AFTER: LONGEST_LINE})]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]  # indexed by Temporal, or the key of a row
Id = Annotated[Name, AfterValidator(readable_id)]  # of a customer or a shop: used in URLs and lists
Address = Annotated[str, Field(max_length=LONGEST_ADDRESS)]  # never cut: half an address may be another person's
Link = Annotated[str, Field(max_length=LONGEST_LINK)]
Reasons = Annotated[
    list[Line], AfterValidator(Cut(MOST_REASONS, _first_items)), Field(json_schema_extra={CUT_AFTER: MOST_REASONS})
]
Wishes = Annotated[
    list[Words], AfterValidator(Cut(LONGEST_WISHES, newest)), Field(json_schema_extra={CUT_AFTER: LONGEST_WISHES})
]
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
