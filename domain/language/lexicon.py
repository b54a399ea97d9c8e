"""The lexicon of what customers say: loads lexicon.toml and prepares it for lookup."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from domain.language import pictures

FILE = Path(__file__).with_name("lexicon.toml")
_ITEM = re.compile(r"(?:<(?P<name>\w+)>|(?P<words>[^<>?*\s]+))(?P<often>[?*]?)")


@dataclass(frozen=True)
class Words:
    """A list of words, looked up by length."""

    words: frozenset[str]
    lengths: tuple[int, ...]
    first: frozenset[str]  # the characters that they begin with

    @classmethod
    def of(cls, words: list[str]) -> "Words":
        """Create a list of words; an underscore stands for a space."""
        spelt = frozenset(word.replace("_", " ") for word in words)
        return cls(spelt, tuple(sorted({len(word) for word in spelt})), frozenset(word[0] for word in spelt))


@dataclass(frozen=True)
class Item:
    """One part of a pattern: words, or the name of a list or phrase; optional and repeatable as marked."""

    what: Words | str
    may_lack: bool
    may_repeat: bool


Pattern = tuple[Item, ...]


@dataclass(frozen=True)
class Lexicon:
    """The whole lexicon: regular expressions, lists of words, phrases made of them, and classes."""

    signs: Mapping[str, re.Pattern[str]]
    words: Mapping[str, Words]
    phrases: Mapping[str, tuple[Pattern, ...]]
    classes: tuple[str, ...]  # the most cautious first
    dialect: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        known = [*self.signs, *self.words, *self.phrases]
        named = {str(item.what) for item in self._items() if isinstance(item.what, str)}
        if unknown := named - set(known):
            raise ValueError(f"lexicon.toml: undefined name {', '.join(sorted(unknown))}")
        if len(known) != len(set(known)):
            raise ValueError("lexicon.toml: a name is defined twice")

    @cached_property
    def openings(self) -> Mapping[str, tuple[tuple[frozenset[str] | None, Pattern], ...]]:
        """The patterns of each phrase, each with the characters that a match can begin with; None for any character."""
        return {
            name: tuple((self._first(pattern, {name}), pattern) for pattern in patterns)
            for name, patterns in self.phrases.items()
        }

    def _first(self, pattern: Pattern, within: set[str]) -> frozenset[str] | None:
        first: set[str] = set()
        for item in pattern:
            begins = self._first_of(item.what, within)
            if begins is None:
                return None
            first |= begins
            if not item.may_lack:
                break
        return frozenset(first)

    def _first_of(self, what: Words | str, within: set[str]) -> frozenset[str] | None:
        words = what if isinstance(what, Words) else self.words.get(what)
        if words is not None:
            return words.first
        if what in self.signs or what in within:  # a regular expression, or a phrase that begins with itself
            return None
        parts = [self._first(pattern, within | {str(what)}) for pattern in self.phrases[str(what)]]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))

    def _items(self) -> list[Item]:
        return [item for patterns in self.phrases.values() for pattern in patterns for item in pattern]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon, which is loaded once."""
    return parse(FILE.read_text(encoding="utf-8"))


def parse(text: str) -> Lexicon:
    """Parse a lexicon from TOML. Raises ValueError, naming the mistake."""
    data = tomllib.loads(text)
    written = {**data["phrases"], **data["classes"]}
    return Lexicon(
        signs={name: re.compile(shape) for name, shape in data["signs"].items()} | {"ordinal": pictures.NAMED},
        words={name: Words.of(words.split()) for name, words in data["words"].items()},
        phrases={name: tuple(map(_pattern, patterns)) for name, patterns in written.items()},
        classes=tuple(data["classes"]),
        dialect=tuple(sorted(data["dialect"].items(), key=lambda pair: (-len(pair[0]), pair))),
    )


def _pattern(written: str) -> Pattern:
    """Parse a pattern such as `<degree>? 满意|喜欢 <particle>*`."""
    parts = [_ITEM.fullmatch(part) for part in written.split()]
    if not all(parts):
        raise ValueError(f"lexicon.toml: invalid pattern {written!r}")
    return tuple(
        Item(found["name"] or Words.of(found["words"].split("|")), bool(found["often"]), found["often"] == "*")
        for found in parts
        if found
    )
