"""What the check measures: facts, each with a number, a limit, and a sentence for when the limit is exceeded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.texts.phrase import Said
from domain.vocabulary.pictures import Advice

FLAWLESS, WORST = 100, 95  # a score, and the most that can be taken from it
SLIGHT = 20  # points for a fine value that just reaches its limit
NEAR = 0.75  # share of the limit up to which a value costs nothing
FAILED = 45  # points for a value just beyond its limit; twice as far beyond it costs DOUBLED more
DOUBLED = 15
HOPELESS = 80  # points for something that is simply not there
OTHERS = 0.25  # share of the points of every fault but the worst


class FailureKind(StrEnum):
    """What a failed fact is about; it decides the next step."""

    FRAME = "frame"  # moved, cropped, turned, or another size
    CONTENT = "content"  # another picture, or a part of it changed that should not
    TONE = "tone"  # colour and light
    DAMAGE = "damage"  # noise, compression blocks, blur
    FACE = "face"
    TEXT = "text"
    MARK = "mark"  # a watermark left or added
    FILE = "file"  # another kind of file, or parts of it missing
    REQUEST = "request"  # what was asked for is not there
    UNCHANGED = "unchanged"


# What may help: the same model told what was wrong, a stronger one, or another provider's.
NEXT_STEPS: Mapping[FailureKind, Advice] = {
    FailureKind.FRAME: "repair_prompt",
    FailureKind.CONTENT: "other_provider",
    FailureKind.TONE: "repair_prompt",
    FailureKind.DAMAGE: "stronger_model",
    FailureKind.FACE: "stronger_model",
    FailureKind.TEXT: "stronger_model",
    FailureKind.MARK: "other_provider",
    FailureKind.FILE: "repair_prompt",
    FailureKind.REQUEST: "repair_prompt",
    FailureKind.UNCHANGED: "stronger_model",
}


@dataclass(frozen=True)
class Fact:
    """One measurement of a result.

    `points` are what it takes from the score: none if the value is far from its limit, SLIGHT at the limit, at least
    FAILED beyond it. `details` are further findings for the records, such as the names of layers.
    """

    name: str
    value: float
    limit: float
    is_fine: bool
    kind: FailureKind
    issue: Said
    points: int
    details: Mapping[str, Any] = field(default_factory=dict)


def at_most(name: str, value: float, limit: float, kind: FailureKind, issue: Said, **details: Any) -> Fact:
    """Return the fact that a value must not exceed its limit. Values well below the limit cost no points."""
    return Fact(name, value, limit, value <= limit, kind, issue, _points(value / limit), details)


def at_least(name: str, value: float, limit: float, kind: FailureKind, issue: Said, **details: Any) -> Fact:
    """Return the fact that a value must reach its limit. Values well above the limit cost no points."""
    points = _points(limit / max(value, limit / 100, 1e-9))
    return Fact(name, value, limit, value >= limit, kind, issue, points, details)


def must(name: str, is_fine: bool, kind: FailureKind, issue: Said, points: int = HOPELESS, **details: Any) -> Fact:
    """Return a fact that holds or not: value 1 or 0."""
    return Fact(name, float(is_fine), 1, is_fine, kind, issue, 0 if is_fine else points, details)


def _points(excess: float) -> int:
    """Return the points for a value of `excess` times its limit."""
    if excess <= 1:
        return round(SLIGHT * max(0.0, excess - NEAR) / (1 - NEAR))
    return round(min(HOPELESS, FAILED + DOUBLED * (excess - 1)))


def score_of(facts: Sequence[Fact]) -> int:
    """Return the score from 0 to 100: about 90 is a result that people accept, 40 one that they send back.

    The worst fault counts whole and the others in part. Fine facts together take no more than SLIGHT, so that a score
    of 80 or more means that nothing failed, and one of 55 or less that something did.
    """
    failed = sorted((fact.points for fact in facts if not fact.is_fine), reverse=True)
    slight = min(SLIGHT, _weighted(sorted((fact.points for fact in facts if fact.is_fine), reverse=True)))
    return FLAWLESS - round(min(WORST, _weighted(failed)) if failed else slight)


def worst_of(facts: Sequence[Fact]) -> Fact | None:
    """Return the failed fact with the most points, of equals the first; None if all are fine."""
    return max((fact for fact in facts if not fact.is_fine), key=lambda fact: fact.points, default=None)


def as_recorded(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return the values and details by name, for the records."""
    values: dict[str, Any] = {fact.name: round(fact.value, 4) for fact in facts}
    for fact in facts:
        values |= fact.details
    return values


def _weighted(points: Sequence[int]) -> float:
    return points[0] + OTHERS * sum(points[1:]) if points else 0
