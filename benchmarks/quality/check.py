"""How well the check tells good results from spoiled ones: caught, false alarms, and the smallest change caught."""

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Pixels, image_of
from adapters.imaging.check import OPERATIONS, measured
from adapters.imaging.check.facts import Fact, score_of, worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.encode import as_png
from adapters.imaging.limits import Limits
from benchmarks.quality import spoilings
from benchmarks.quality.pictures import Photograph, photographs
from benchmarks.quality.sheets import sheet
from benchmarks.quality.spoilings import GOOD, SPOILED, Change
from benchmarks.quality.table import Row
from domain.ports import Wish
from domain.vocabulary.pictures import Operation, TargetSize

SIDE = 480  # pixels of the photographs; results have the same size
CAUGHT, FALSE_ALARMS = 0.95, 0.05  # bars
COLOUR_KINDS = {"grey", "red and blue swapped", "hues turned", "oversaturated"}  # nothing to see in a grey photograph
LEAST_COLOUR = 5.0  # deviation of a and b
SMALLEST: Mapping[str, tuple[Mapping[float, Change], str]] = {
    "shift": ({share: spoilings.shifted(share / 100) for share in (0.5, 0.8, 1, 1.25, 1.5, 2, 3)}, "% of the width"),
    "turn": ({degrees: spoilings.turned(degrees) for degrees in (0.3, 0.5, 0.8, 1, 1.5, 2)}, "degrees"),
    "zoom": ({percent: spoilings.turned(0, 1 + percent / 100) for percent in (1, 1.5, 2, 2.5, 3, 4)}, "%"),
    "local warp": ({share: spoilings.bulged(share / 100) for share in (1, 2, 3, 4, 6)}, "% of the long side"),
    "pasted object": ({share: spoilings.pasted(share / 100) for share in (3, 5, 8, 10, 15)}, "% of the long side"),
    "noise": ({sigma: spoilings.noisy(sigma) for sigma in (3, 5, 7, 10, 14)}, "grey levels"),
    "blur": ({sigma: spoilings.blurred(sigma) for sigma in (0.6, 1, 1.5, 2, 2.5)}, "px at 720"),
    "jpeg": ({quality: spoilings.as_jpeg(int(quality)) for quality in (50, 30, 20, 15, 8)}, "quality"),
}


@dataclass(frozen=True)
class Verdict:
    """What the check said of one result."""

    operation: Operation
    kind: str
    photograph: Photograph
    worst: Fact | None
    score: int

    @property
    def is_alarm(self) -> bool:
        """Whether it failed."""
        return self.worst is not None


def customers(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Return what a customer would send to have it enhanced: half the size, compressed."""
    small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return spoilings.as_jpeg(75)(small, random)


def aged(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Return an old print: faded, yellow, soft, grainy, with scratches and stains."""
    fade = spoilings.both(
        spoilings.blurred(0.8),
        spoilings.saturated(0.45),
        spoilings.toned(0.62, 62),
        spoilings.scaled_channels(1.06, 1, 0.78),
        spoilings.noisy(5),
    )
    return spoilings.stained(spoilings.scratched(fade(pixels, random), random), random)


def underexposed(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """Return the photograph darker and cooler, as the original of an edit that grades it."""
    return spoilings.both(spoilings.gamma(1.25), spoilings.scaled_channels(0.95, 1, 1.04))(pixels, random)


# What each operation is given; the photograph itself, changed in a good or a bad way, is the result.
ORIGINALS: Mapping[Operation, Change] = {
    Operation.ENHANCE: customers,
    Operation.FIX_OLD_PHOTO: aged,
    Operation.EDIT: underexposed,
}
# An edit may change content and tones: only these kinds are wrong whatever was asked.
OF_EDIT = {
    "shift 2 %", "shift 5 %", "turned 1.5 degrees", "turned 5 degrees", "zoomed 4 %", "cropped 5 % left",
    "cropped 4 % all round", "stretched 4 %", "perspective", "shrunk into a white frame", "upside down", "black",
    "white", "one colour", "noise", "salt and pepper", "jpeg 8", "jpeg 15", "blur", "motion blur",
}  # fmt: skip
NOT_OF_OLD = {"yellow cast"}  # the original is yellower
WORDS = {Operation.EDIT: "调亮一点"}  # which is what all photographs are, seen from the originals of edits


def rows(sheets: Path) -> list[Row]:
    """Return caught and false alarms by operation, on tuned and on kept-aside photographs, and the smallest changes."""
    spoiled = list(_verdicts(SPOILED))
    good = list(_verdicts(GOOD))
    _write_misses(spoiled, good, sheets)
    found: list[Row] = []
    for is_aside, which in ((False, "tuned on"), (True, "kept aside")):
        found += _table(spoiled, good, which, is_aside=is_aside)
    return [*found, *_by_kind(spoiled), *_scores(spoiled, good), *_smallest()]


def judge(operation: Operation, kind: str, photograph: Photograph, change: Change) -> Verdict:
    """Check one changed result of a photograph."""
    random = np.random.default_rng(zlib.crc32(f"{photograph.name} {kind}".encode()))
    original = ORIGINALS[operation](photograph.pixels, random)
    result = np.ascontiguousarray(change(photograph.pixels, random))
    height, width = photograph.pixels.shape[:2]
    size = TargetSize(width=width, height=height) if operation is Operation.ENHANCE else None
    before, after = (as_png(Image.fromarray(pixels)) for pixels in (original, result))
    pair = Pair(before, after, after, Wish(operation, WORDS.get(operation, ""), size), Limits())
    facts = measured(pair, OPERATIONS[operation].look)
    return Verdict(operation, kind, photograph, worst_of(facts), score_of(facts))


def _verdicts(kinds: Mapping[str, Change]) -> Iterator[Verdict]:
    """Check every kind on every photograph, by one of the operations that it applies to."""
    for kind, change in kinds.items():
        operations = [one for one in ORIGINALS if kinds is GOOD or _is_fault(one, kind)]
        for photograph in photographs(SIDE):
            if kind not in COLOUR_KINDS or _is_colourful(photograph.pixels):
                number = zlib.crc32(f"{kind} {photograph.name}".encode()) % len(operations)
                yield judge(operations[number], kind, photograph, change)


def _is_fault(operation: Operation, kind: str) -> bool:
    if operation is Operation.EDIT:
        return kind in OF_EDIT
    return operation is not Operation.FIX_OLD_PHOTO or kind not in NOT_OF_OLD


def _table(spoiled: list[Verdict], good: list[Verdict], which: str, *, is_aside: bool) -> Iterator[Row]:
    bad, fine = (
        [verdict for verdict in verdicts if verdict.photograph.is_aside is is_aside] for verdicts in (spoiled, good)
    )
    yield _row(f"spoiled results caught, photographs {which}", bad, CAUGHT, is_least=True)
    yield _row(f"false alarms on good results, photographs {which}", fine, FALSE_ALARMS, is_least=False)
    for operation in ORIGINALS:
        of_one = [[verdict for verdict in verdicts if verdict.operation is operation] for verdicts in (bad, fine)]
        value = f"{_share(of_one[0]):.1%} caught, {_share(of_one[1]):.1%} false alarms"
        yield Row("check", f"{operation.value}, photographs {which}", value, "", True)


def _row(name: str, verdicts: list[Verdict], bar: float, *, is_least: bool) -> Row:
    share, count = _share(verdicts), len(verdicts)
    value = f"{share:.1%} ({sum(verdict.is_alarm for verdict in verdicts)} of {count})"
    is_met = share >= bar if is_least else share < bar
    return Row("check", name, value, f"{'>=' if is_least else '<'} {bar:.0%}", is_met)


def _by_kind(spoiled: list[Verdict]) -> Iterator[Row]:
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in spoiled:
        kinds[verdict.kind].append(verdict)
    for kind, verdicts in kinds.items():
        named = sorted({verdict.worst.kind.value for verdict in verdicts if verdict.worst})
        caught = sum(verdict.is_alarm for verdict in verdicts)
        yield Row("check", f"caught: {kind}", f"{caught} of {len(verdicts)} ({', '.join(named)})", "", True)


def _scores(spoiled: list[Verdict], good: list[Verdict]) -> list[Row]:
    middle = [float(np.median([verdict.score for verdict in verdicts])) for verdicts in (good, spoiled)]
    value = f"{middle[0]:.0f} good, {middle[1]:.0f} spoiled"
    return [Row("check", "median score", value, "", True)]


def _smallest() -> Iterator[Row]:
    """Yield, for each kind of change, the smallest that is caught on each of some photographs."""
    chosen = photographs(SIDE)[::4]
    for kind, (changes, unit) in SMALLEST.items():
        caught = "none"
        for amount, change in changes.items():
            verdicts = [judge(Operation.ENHANCE, f"{kind} {amount}", photograph, change) for photograph in chosen]
            if all(verdict.is_alarm for verdict in verdicts):
                caught = f"{amount:g} {unit}"
                break
        yield Row("check", f"smallest {kind} caught", caught, "", True)


def _write_misses(spoiled: list[Verdict], good: list[Verdict], sheets: Path) -> None:
    """Write contact sheets of what was missed and of false alarms."""
    missed = [verdict for verdict in spoiled if not verdict.is_alarm]
    alarms = [verdict for verdict in good if verdict.is_alarm]
    for name, verdicts, kinds in (("check-missed", missed, SPOILED), ("check-false-alarms", alarms, GOOD)):
        cells = [(_label(verdict), _again(verdict, kinds)) for verdict in verdicts[:48]]
        if cells:
            sheet(cells).save(sheets / f"{name}.jpg", quality=85)


def _label(verdict: Verdict) -> str:
    return f"{verdict.operation.value}: {verdict.kind}{f' ({verdict.worst.name})' if verdict.worst else ''}"


def _again(verdict: Verdict, kinds: Mapping[str, Change]) -> Image.Image:
    random = np.random.default_rng(zlib.crc32(f"{verdict.photograph.name} {verdict.kind}".encode()))
    ORIGINALS[verdict.operation](verdict.photograph.pixels, random)  # draws the same numbers as in `judge`
    return image_of(kinds[verdict.kind](verdict.photograph.pixels, random))


def _share(verdicts: list[Verdict]) -> float:
    return sum(verdict.is_alarm for verdict in verdicts) / max(1, len(verdicts))


def _is_colourful(pixels: Pixels) -> bool:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    return float(np.hypot(lab[:, 1].std(), lab[:, 2].std())) >= LEAST_COLOUR
