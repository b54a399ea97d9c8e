"""Reads a wish for the edits that OpenCV can really do: completely, or not at all."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.imaging.edit_patterns import (
    AFTER,
    BEFORE,
    CHINESE,
    COLOURS,
    ENGLISH,
    NUMBERED,
    QUESTION,
    REQUEST,
    TALK,
)
from domain.attempts.prompting import REPAIRS, TASKS

REVISION, FINDING = "【客户修改要求】", "The last attempt was not good enough: "
LABELS = re.compile(rf"^(?:{REVISION}|客户要求[:：]|\[\d\d-\d\d \d\d:\d\d\])\s*")
KEEP_ALL = "Keep the framing, the people and every detail of the photograph as they are; change only what is asked for."
KEEP_TEXT = "Keep all text legible, letter by letter."
OURS = {*TASKS.values(), *REPAIRS.values(), KEEP_ALL, KEEP_TEXT}  # lines of a prompt that are not wishes
BETWEEN = re.compile(r"[,.;!?。、~…\n]+|\band\b|\bbut\b|\bthen\b|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
OPPOSITES = (("brighter", "darker"), ("contrast", "flatter"), ("warmer", "cooler"), ("vivid", "muted"),
             ("monochrome", "vivid"), ("monochrome", "muted"))  # fmt: skip
TONES = ("brighter", "darker", "contrast", "flatter", "warmer", "cooler", "vivid", "muted", "monochrome")
PATTERNS = [
    ("talk", re.compile(TALK)),
    *(
        (kind, re.compile(f"{BEFORE}(?:{pattern}){AFTER}"))
        for words in (CHINESE, ENGLISH)
        for kind, patterns in words.items()
        for pattern in patterns
    ),
]


@dataclass(frozen=True)
class Edits:
    """The edits of a prompt that we can do. If not `is_whole`, it asks for more, and nothing may be done."""

    background: str | None
    tones: tuple[str, ...]  # each as often as it was requested
    is_whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.background or self.tones)

    def __str__(self) -> str:
        words = ([f"{self.background} background"] if self.background else []) + list(self.tones)
        return ", ".join(words)


NOTHING, NOT_WHOLE = Edits(None, ()), Edits(None, (), is_whole=False)


def read(prompt: str, *, is_edit: bool = True) -> Edits:
    """Find the edits that a prompt asks for; the background of the last line that names one counts.

    With another operation (`is_edit` is false) the lines before the first revision are mostly about that operation, so
    a line that is not understood is left to it. A revision always asks for something.
    """
    whole, is_revision = NOTHING, False
    for line in _lines(prompt):
        is_revision = is_revision or line.startswith(REVISION)
        found = _line(LABELS.sub("", line))
        if is_revision and line.startswith(REVISION) and not found:
            return NOT_WHOLE
        if found.is_whole:
            whole = Edits(found.background or whole.background, (*whole.tones, *found.tones))
        elif is_edit or is_revision:
            return NOT_WHOLE
    return NOT_WHOLE if any(set(pair) <= set(whole.tones) for pair in OPPOSITES) else whole


def _lines(prompt: str) -> Iterator[str]:
    """Yield the lines that are wishes. A copy of the same words by the bot or by us is not a second wish."""
    seen = set(OURS)
    for line in map(str.strip, prompt.splitlines()):
        if line.startswith(FINDING):
            return
        words = LABELS.sub("", line)
        if words and (words not in seen or line.startswith(REVISION)):
            yield line
        seen.add(words)


def _line(words: str) -> Edits:
    """Read one line. Two backgrounds, one without a colour, and a question that is no request are not understood."""
    plain = unicodedata.normalize("NFKC", words).lower()
    if re.search(QUESTION, plain) and not re.search(REQUEST, plain):
        return NOT_WHOLE
    wanted, unwanted, kinds, numbers = set[str](), set[str](), set[str](), set[str]()
    for clause in _clauses(words):
        number = re.match(NUMBERED, clause)
        numbers |= {number[0].rstrip("的")} if number else set()
        kind, colour = _clause(clause[number.end() if number else 0 :])
        if kind == "" or (kind == "its colour" and not kinds & {"background", "some background", "no background"}):
            return NOT_WHOLE
        (unwanted if kind == "no background" else wanted).update([colour] if colour else [])
        kinds.add(kind)
    lacks_colour = kinds & {"some background", "no background", "a cut-out"} and not wanted
    tones = tuple(tone for tone in TONES if tone in kinds)
    is_subject_touched = "the subject stays" in kinds and tones
    if len(wanted) > 1 or len(numbers) > 1 or wanted & unwanted or lacks_colour or is_subject_touched:
        return NOT_WHOLE
    return Edits(next(iter(wanted), None), tones)


def _clauses(words: str) -> Iterator[str]:
    for clause in BETWEEN.split(unicodedata.normalize("NFKC", words).lower()):
        if clause.strip():
            yield clause.strip()


def _clause(clause: str) -> tuple[str, str]:
    """Return the kind of a clause and the colour it names; two empty strings if no pattern covers it completely."""
    for kind, pattern in PATTERNS:
        if match := pattern.fullmatch(clause):
            colours = [word for word in match.groups() if word]
            return kind, COLOURS[colours[-1]] if colours else ""
    return "", ""
