"""The lexicon of what customers say: loads lexicon.toml and prepares it for lookup."""

import re
import tomllib
from collections.abc import Iterable, Mapping
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
class Opening:
    """What a match can begin with: one of these characters, or a match of one of these regular expressions."""

    characters: frozenset[str]
    signs: frozenset[str]

    @classmethod
    def of(cls, parts: Iterable["Opening"]) -> "Opening":
        """Join openings."""
        characters, signs = set[str](), set[str]()
        for one in parts:
            characters |= one.characters
            signs |= one.signs
        return cls(frozenset(characters), frozenset(signs))


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
    def openings(self) -> Mapping[str, tuple[tuple[Opening, Pattern], ...]]:
        """The patterns of each phrase, each with what a match can begin with."""
        known = self._openings_by_name
        return {
            name: tuple((_opening(pattern, known), pattern) for pattern in patterns)
            for name, patterns in self.phrases.items()
        }

    @cached_property
    def class_openings(self) -> tuple[tuple[str, Opening], ...]:
        """The classes, the most cautious first, each with what a phrase of it can begin with."""
        return tuple((name, self._openings_by_name[name]) for name in self.classes)

    @cached_property
    def _openings_by_name(self) -> Mapping[str, Opening]:
        """What each name can begin with. Phrases may begin with each other: repeated until nothing more is found."""
        known = {name: Opening(frozenset(), frozenset({name})) for name in self.signs}
        known |= {name: Opening(words.first, frozenset()) for name, words in self.words.items()}
        known |= dict.fromkeys(self.phrases, Opening(frozenset(), frozenset()))
        is_new = True
        while is_new:
            found = {name: Opening.of(_opening(one, known) for one in these) for name, these in self.phrases.items()}
            is_new = any(known[name] != opening for name, opening in found.items())
            known |= found
        return known

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


def _opening(pattern: Pattern, known: Mapping[str, Opening]) -> Opening:
    """Return what a match of a pattern can begin with, where this is known of the names."""
    needed = next((place for place, item in enumerate(pattern) if not item.may_lack), len(pattern))
    return Opening.of(
        Opening(item.what.first, frozenset()) if isinstance(item.what, Words) else known[item.what]
        for item in pattern[: needed + 1]
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
