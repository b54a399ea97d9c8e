"""The photo library: originals and results, found by perceptual hash and by tags."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.vocabulary.pictures import Analysis

BITS = 64
MOST_DISTANCE = 7  # bits by which similar pictures may differ; the index is exact up to this
MOST_TAGS = 20  # of a picture
LONGEST_TAG = 60  # characters
BETWEEN_TAGS = re.compile(r"[,，、;；/|\n\r\t]+")
WORD = re.compile(r"[a-z0-9\u00c0-\u024f\u0370-\u1fff]+|[^\W_]")  # whole words, or single characters of other scripts
AROUND_TAGS = " .。:：!！?？\"'“”‘’()（）[]【】《》#"


def distance(one: str, other: str) -> int:
    """Return the number of bits in which two perceptual hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def as_number(likeness: str) -> int:
    """Return a perceptual hash as a signed 64-bit integer, as databases store it."""
    bits = int(likeness, 16)
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits


def tags_of(analysis: Analysis | None) -> list[str]:
    """Return the tags of a picture: its subject, and the work to do."""
    return tags_in([analysis.subject, analysis.proc_type]) if analysis else []


def tags_in(said: Iterable[str]) -> list[str]:
    """Return the distinct tags in these texts, in any language, separated by commas and the like."""
    parts = (part for words in said for part in BETWEEN_TAGS.split(words))
    tags = dict.fromkeys(filter(None, map(_tag, parts)))
    return list(tags)[:MOST_TAGS]


def spaced_out(words: str) -> str:
    """Return words separated by spaces for searching: " a cat ", and " 橘 猫 " with each character by itself.

    So "cat" is found in "a cat" but not in "education", and 猫 in 橘猫.
    """
    plain = unicodedata.normalize("NFKC", words).casefold()
    return f" {' '.join(WORD.findall(plain))} "


def terms_of(search: "Search") -> list[str]:
    """Return the search terms that may match within a tag, spaced out: the tags asked for, and parts of the words."""
    chinese = (part for part in search.words.split() if not part.isascii())
    parts = tags_in([*search.tags, *chinese, search.words])
    return list(dict.fromkeys(term for term in map(spaced_out, parts) if term.strip()))


def matched(tags: Iterable[str], search: "Search") -> list[str]:
    """Return the tags of a picture that match: they contain a search term, or the words contain them."""
    terms, words = terms_of(search), spaced_out(search.words)
    return [tag for tag in tags if spaced_out(tag) in words or any(term in spaced_out(tag) for term in terms)]


def tags_named(tags: Iterable[str], search: "Search") -> list[str]:
    """Return the tags of a picture that the search names in full, so that the asker knows them already."""
    asked = [spaced_out(words) for words in (search.words, *search.tags)]
    return [tag for tag in tags if any(spaced_out(tag) in words for words in asked)]


def _tag(part: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", part).casefold().split())
    printable = "".join(letter for letter in plain if letter.isprintable())
    return printable.strip(AROUND_TAGS)[:LONGEST_TAG].strip(AROUND_TAGS) if WORD.search(printable) else ""


@dataclass(frozen=True)
class Asker:
    """Who searches: a customer of one shop, since customer ids belong to the platform."""

    customer_id: str
    acc_id: str


@dataclass(frozen=True)
class Search:
    """A search by perceptual hash, by tags, or by tags that the words contain."""

    asker: Asker
    likeness: str = ""
    tags: Sequence[str] = ()
    words: str = ""
    limit: int = 5


@dataclass(frozen=True)
class Hit:
    """A picture that was found, as the library stores it."""

    photo_id: str
    kind: str  # original or result
    key: str  # of the file itself: for its owner only
    shown_key: str | None  # of the copy that anybody may see
    width: int
    height: int
    is_own: bool
    is_delivered: bool  # a result that its customer has
    task_id: str
    tags: Sequence[str]
    distance: int | None = None  # in bits; None if the search had no picture or the match has no hash


@dataclass(frozen=True)
class Photo:
    """A picture of the library, as shown to staff."""

    photo_id: str
    kind: str
    customer_id: str
    acc_id: str
    task_id: str
    view_key: str  # of a viewable image of it
    shareable: bool
    shown_key: str | None
    tags: Sequence[str]
    width: int
    height: int
    created_at: datetime


class Library(Protocol):
    """The library for customers. Raises OutsideUnavailable."""

    async def find(self, search: Search) -> list[Hit]:
        """Return the best matches that are shareable or the asker's own, the most similar first."""


class PhotoCatalogue(Protocol):
    """The library for staff. Every method raises OutsideUnavailable."""

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
