"""How well the check sees what each operation delivers: cut-outs, edits, sizes and drawings, spoiled and good."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from adapters.imaging.arrays import Pixels, image_of
from adapters.imaging.check import OPERATIONS, measured
from adapters.imaging.check.facts import worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.encode import as_png
from adapters.imaging.finish.vector import vectorized
from adapters.imaging.limits import Limits
from adapters.imaging.mixing import blended, foreground
from adapters.imaging.networks.cut_out import find_subject
from benchmarks.quality import spoilings_ops
from benchmarks.quality.pictures import Photograph, photographs
from benchmarks.quality.table import Row
from domain.ports import EncodedImage, Wish
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation

SIDE = 480  # pixels
CAUGHT, FALSE_ALARMS = 0.95, 0.05  # bars
WITH_SUBJECT = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle", "camera", "flower", "hopper", "store")
BLUE = (67, 142, 219)
Case = tuple[str, bool, bool]  # kind, whether it is spoiled, whether it was caught


def rows(_sheets: Path) -> list[Row]:
    """Return what was caught and the false alarms, apart for photographs that are kept aside, and by kind."""
    found: list[tuple[Photograph, Case]] = []
    for photograph in photographs(SIDE):
        if photograph.name in WITH_SUBJECT:
            found += [(photograph, case) for case in (*_cut_outs(photograph), *_others(photograph))]
    table = []
    for is_aside, which in ((False, "tuned on"), (True, "kept aside")):
        cases = [case for photograph, case in found if photograph.is_aside is is_aside]
        table += [_row(which, cases, spoiled=True), _row(which, cases, spoiled=False)]
    kinds = dict.fromkeys(case[0] for _, case in found if case[1])
    return [*table, *(_kind_row(kind, [case for _, case in found if case[0] == kind]) for kind in kinds)]


def _cut_outs(photograph: Photograph) -> Iterator[Case]:
    try:
        alpha = find_subject(photograph.pixels)
    except PictureUnreadable:
        return
    colours = foreground(photograph.pixels, alpha)
    cut = {"cut-out": image_of(colours, alpha)}
    cut |= {name: image_of(colours, np.clip(change(alpha), 0, 1)) for name, change in spoilings_ops.MASKS.items()}
    cut |= {name: image_of(change(colours, photograph.pixels), alpha) for name, change in spoilings_ops.COLOURS.items()}
    for name, image in cut.items():
        yield _case(photograph, Operation.REMOVE_BG, name, name != "cut-out", as_png(image))
    right = blended(colours, alpha, BLUE)
    edits = {"edit": right} | {name: change(right, photograph.pixels) for name, change in spoilings_ops.EDITS.items()}
    for name, pixels in edits.items():
        yield _case(photograph, Operation.EDIT, name, name != "edit", _file(pixels), words="背景换成蓝色")


def _others(photograph: Photograph) -> Iterator[Case]:
    smaller = cv2.resize(photograph.pixels, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    sizes = {"new size": smaller} | {name: change(smaller) for name, change in spoilings_ops.SIZES.items()}
    for name, pixels in sizes.items():
        yield _case(photograph, Operation.RESIZE, name, name != "new size", _file(pixels))
    image = Image.fromarray(photograph.pixels)
    made = vectorized(as_png(image), image, image, Wish(Operation.VECTORIZE, ""))
    svg = made.file.data.decode()
    drawings = {"drawing": svg} | {name: change(svg) for name, change in spoilings_ops.DRAWINGS.items()}
    for name, text in drawings.items():
        file = EncodedImage(text.encode(), "image/svg+xml")
        yield _case(photograph, Operation.VECTORIZE, name, name != "drawing", file, made.view)


def _case(
    photograph: Photograph, operation: Operation, kind: str, is_spoiled: bool, file: EncodedImage,
    view: EncodedImage | None = None, words: str = "",
) -> Case:  # fmt: skip
    pair = Pair(_file(photograph.pixels), file, view or file, Wish(operation, words), Limits())
    measures = OPERATIONS[operation]
    needs_file = operation is Operation.VECTORIZE
    facts = measured(pair, (*(measures.file if needs_file else ()), *measures.look))
    return f"{operation.value}: {kind}", is_spoiled, worst_of(facts) is not None


def _file(pixels: Pixels) -> EncodedImage:
    return as_png(Image.fromarray(pixels))


def _row(which: str, cases: list[Case], *, spoiled: bool) -> Row:
    chosen = [caught for _, is_spoiled, caught in cases if is_spoiled is spoiled]
    share = sum(chosen) / max(1, len(chosen))
    name = f"{'spoiled deliverables caught' if spoiled else 'false alarms'}, photographs {which}"
    bar = f">= {CAUGHT:.0%}" if spoiled else f"< {FALSE_ALARMS:.0%}"
    value = f"{share:.1%} ({sum(chosen)} of {len(chosen)})"
    return Row("operations", name, value, bar, share >= CAUGHT if spoiled else share < FALSE_ALARMS)


def _kind_row(kind: str, cases: list[Case]) -> Row:
    caught = sum(one[2] for one in cases)
    return Row("operations", f"caught: {kind}", f"{caught} of {len(cases)}", "", True)
