"""Folding: normalises spelling variants of a text and keeps the original position of each character."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HIDDEN = "\ue001"  # replaces invisible characters: ignored in text, but an address with one is doubtful
_TABLE = Path(__file__).with_name("traditional.txt")


@dataclass(frozen=True)
class Folded:
    """Folded text; `origin` holds the original position of each character."""

    written: str
    text: str
    origin: tuple[tuple[int, int], ...]  # start and end of each character in `written`

    def as_written(self, begin: int, end: int) -> str:
        """Return the original of a span of the folded text."""
        return self.written[self.origin[begin][0] : self.origin[end - 1][1]] if begin < end else ""

    def replaced(self, spans: Iterable[tuple[int, int, str]]) -> "Folded":
        """Return the text with spans replaced by a sign each; they are in order and do not overlap."""
        texts, origin, done = list[str](), list[tuple[int, int]](), 0
        for begin, end, sign in spans:
            texts += (self.text[done:begin], sign)
            origin += self.origin[done:begin] + ((self.origin[begin][0], self.origin[end - 1][1]),) * len(sign)
            done = end
        if not done:
            return self
        return Folded(self.written, "".join(texts) + self.text[done:], (*origin, *self.origin[done:]))


def fold(written: str) -> Folded:
    """Return text in lower case, half-width and simplified, with invisible characters marked."""
    signs = [(sign, (place, place + 1)) for place, character in enumerate(written) for sign in _fold(character)]
    return Folded(written, "".join(sign for sign, _ in signs), tuple(stood for _, stood in signs))


@cache
def _fold(character: str) -> str:
    if unicodedata.category(character) in {"Cf", "Co", "Cn", "Cs"}:
        return HIDDEN
    if "\ufe00" <= character <= "\ufe0f" or "🏻" <= character <= "🏿":  # emoji variants have no meaning
        return ""
    narrowed = unicodedata.normalize("NFKC", character).lower()
    folded = "".join(map(_simplified, narrowed)) or " "
    return folded + HIDDEN if _is_ornate(character, narrowed) else folded


def _is_ornate(character: str, narrowed: str) -> bool:
    """Whether a character only looks like letters or digits: the ② of ②li@qq.com may not be part of the address."""
    is_full_width = "\uff01" <= character <= "\uff5e"
    return not (character.isascii() or is_full_width) and narrowed.isascii() and narrowed.strip().isalnum()


def _simplified(character: str) -> str:
    return simplified().get(character, character)


@cache
def simplified() -> dict[str, str]:
    """Return the simplified character of each traditional one, by OpenCC."""
    traditional, simple = _TABLE.read_text(encoding="utf-8").split()
    return dict(zip(traditional, simple, strict=True))
