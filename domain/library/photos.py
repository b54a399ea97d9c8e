"""The photo library: originals and results that are found again by what they look like, and by their tags."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.vocabulary.pictures import Analysis

BITS = 64
MOST_DISTANCE = 7  # bits by which pictures that look alike may differ: the index is exact up to there
MOST_TAGS = 20  # of a picture
LONGEST_TAG = 60  # characters
BETWEEN_TAGS = re.compile(r"[,，、;；/|\n\r\t]+")
WORD = re.compile(r"[a-z0-9\u00c0-\u024f\u0370-\u1fff]+|[^\W_]")  # of letters that make words; else each by itself
AROUND_TAGS = " .。:：!！?？\"'“”‘’()（）[]【】《》#"


def distance(one: str, other: str) -> int:
    """Return in how many bits two likenesses differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def as_number(likeness: str) -> int:
    """Return a likeness as a signed number of 64 bits, which is what databases know."""
    bits = int(likeness, 16)
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits


def tags_of(analysis: Analysis | None) -> list[str]:
    """Return the tags of a picture: what is to be seen, and what was to be done."""
    return tags_in([analysis.subject, analysis.proc_type]) if analysis else []


def tags_in(said: Iterable[str]) -> list[str]:
    """Return the tags that stand in words, each once, in any language; commas and the like stand between them."""
    parts = (part for words in said for part in BETWEEN_TAGS.split(words))
    tags = dict.fromkeys(filter(None, map(_tag, parts)))
    return list(tags)[:MOST_TAGS]


def spaced_out(words: str) -> str:
    """Return words so that one can be looked for in others: " a cat ", and " 橘 猫 ", each character by itself.

    So "cat" is found in "a cat" and not in "education", and 猫 in 橘猫.
    """
    plain = unicodedata.normalize("NFKC", words).casefold()
    return f" {' '.join(WORD.findall(plain))} "


def terms_of(search: "Search") -> list[str]:
    """Return what a tag may hold to be meant, each spelt: the tags that were named, and the parts of the words."""
    chinese = (part for part in search.words.split() if not part.isascii())
    parts = tags_in([*search.tags, *chinese, search.words])
    return list(dict.fromkeys(term for term in map(spaced_out, parts) if term.strip()))


def matched(tags: Iterable[str], search: "Search") -> list[str]:
    """Return which of a picture's tags were meant: they hold one of the terms, or stand in the words."""
    terms, words = terms_of(search), spaced_out(search.words)
    return [tag for tag in tags if spaced_out(tag) in words or any(term in spaced_out(tag) for term in terms)]


def tags_named(tags: Iterable[str], search: "Search") -> list[str]:
    """Return which of a picture's tags stand whole in the question: whoever asked knows them already."""
    asked = [spaced_out(words) for words in (search.words, *search.tags)]
    return [tag for tag in tags if any(spaced_out(tag) in words for words in asked)]


def _tag(part: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", part).casefold().split())
    printable = "".join(letter for letter in plain if letter.isprintable())
    return printable.strip(AROUND_TAGS)[:LONGEST_TAG].strip(AROUND_TAGS) if WORD.search(printable) else ""


@dataclass(frozen=True)
class Asker:
    """Who looks for a picture: a customer of a shop, since ids of customers are the platform's."""

    customer_id: str
    acc_id: str


@dataclass(frozen=True)
class Search:
    """What is looked for: what looks like this, what bears one of these tags, or one that the words hold."""

    asker: Asker
    likeness: str = ""
    tags: Sequence[str] = ()
    words: str = ""
    limit: int = 5


@dataclass(frozen=True)
class Hit:
    """A picture that was found, as the library knows it."""

    photo_id: str
    kind: str  # original or result
    key: str  # of the file itself: for its owner alone
    shown_key: str | None  # of the copy that everybody may see
    width: int
    height: int
    is_own: bool
    is_delivered: bool  # a result that its customer has
    task_id: str
    tags: Sequence[str]
    distance: int | None = None  # in bits; None where no picture was asked with, or it has no likeness


@dataclass(frozen=True)
class Photo:
    """A picture of the library, as staff see it."""

    photo_id: str
    kind: str
    customer_id: str
    acc_id: str
    task_id: str
    view_key: str  # of a picture of it that can be looked at
    shareable: bool
    shown_key: str | None
    tags: Sequence[str]
    width: int
    height: int
    created_at: datetime


class Library(Protocol):
    """The library as whoever asks may see it. Raises OutsideUnavailable."""

    async def find(self, search: Search) -> list[Hit]:
        """Return the best matches that are shareable or the asker's own: what looks most alike first."""


class PhotoCatalogue(Protocol):
    """The library as staff keep it. Everything raises OutsideUnavailable."""

    async def photo(self, photo_id: str) -> Photo | None:
        """Return one picture."""

    async def listing(self, *, customer_id: str | None, shareable: bool | None, limit: int) -> list[Photo]:
        """Return pictures, newest first."""

    async def share(self, photo_id: str, shown_key: str) -> bool:
        """Let everybody find a picture by this copy; false where it is shared already."""

    async def hide(self, photo_id: str) -> None:
        """Let nobody but its owner find it any more."""

    async def forget_copy(self, photo_id: str) -> None:
        """Note that the copy of a hidden picture is gone."""
