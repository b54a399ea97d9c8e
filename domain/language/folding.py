"""Folding: the many ways to write the same words become one, and each sign still knows where it stood."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HIDDEN = "\ue001"  # stands for signs that nobody sees: a text is read without them, an address with one is doubtful
_TABLE = Path(__file__).with_name("traditional.txt")


@dataclass(frozen=True)
class Folded:
    """Words in their folded form; `origin` says of each sign where it stood in what was written."""

    written: str
    text: str
    origin: tuple[tuple[int, int], ...]  # where each sign began and ended

    def as_written(self, begin: int, end: int) -> str:
        """Return the words between two places of the folded text as they were written."""
        return self.written[self.origin[begin][0] : self.origin[end - 1][1]] if begin < end else ""

    def replaced(self, begin: int, end: int, sign: str) -> "Folded":
        """Return the words with a stretch replaced by something else."""
        text = self.text[:begin] + sign + self.text[end:]
        stood = (self.origin[begin][0], self.origin[end - 1][1])
        origin = self.origin[:begin] + (stood,) * len(sign) + self.origin[end:]
        return Folded(self.written, text, origin)


def fold(written: str) -> Folded:
    """Return words in lower case, half-width, simplified, with hidden signs marked."""
    signs = [(sign, (place, place + 1)) for place, character in enumerate(written) for sign in _fold(character)]
    return Folded(written, "".join(sign for sign, _ in signs), tuple(stood for _, stood in signs))


@cache
def _fold(character: str) -> str:
    if unicodedata.category(character) in {"Cf", "Co", "Cn", "Cs"}:
        return HIDDEN
    if "\ufe00" <= character <= "\ufe0f" or "🏻" <= character <= "🏿":  # how an emoji is drawn says nothing
        return ""
    narrowed = unicodedata.normalize("NFKC", character).lower()
    folded = "".join(map(_simplified, narrowed)) or " "
    return folded + HIDDEN if _is_ornate(character, narrowed) else folded


def _is_ornate(character: str, narrowed: str) -> bool:
    """Whether a sign only looks like letters or digits: the ② of ②li@qq.com may be no part of the address."""
    is_full_width = "\uff01" <= character <= "\uff5e"
    return not (character.isascii() or is_full_width) and narrowed.isascii() and narrowed.strip().isalnum()


def _simplified(character: str) -> str:
    return simplified().get(character, character)


@cache
def simplified() -> dict[str, str]:
    """The simplified character of each traditional one, as OpenCC says it."""
    traditional, simple = _TABLE.read_text(encoding="utf-8").split()
    return dict(zip(traditional, simple, strict=True))
