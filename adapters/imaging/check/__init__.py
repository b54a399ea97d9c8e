"""Checks a result against its original and against what its operation requires.

Every requirement is a fact (`facts.py`) with a number, a limit, a kind and a sentence. Facts come from measuring
functions `def name(pair: Pair) -> list[Fact]`, which return nothing where they cannot measure. OPERATIONS names them
for each operation: `file` are those that need the file that is delivered, `look` those that need only what people see
of it, and which the local model's score therefore uses too.

To add facts: write the functions in a module of this package, with `at_most`, `at_least` or `must` for the facts and
`pair.once(reading)` for what is costly and used twice; add sentences to the table `check` of domain/texts; add the
functions to the tuples in OPERATIONS; and add spoiled pictures that they catch to benchmarks/quality.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.imaging.check import damage, frame, requirements, resize, tiles, tone
from adapters.imaging.check.cutout import cut_out
from adapters.imaging.check.edit import edited
from adapters.imaging.check.faces import faces
from adapters.imaging.check.facts import NEXT_STEPS, Fact, FailureKind, as_recorded, score_of, worst_of
from adapters.imaging.check.layers import layered
from adapters.imaging.check.marks import corner_mark, mark_added, mark_left
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.text import text
from adapters.imaging.check.vector import drawing
from adapters.imaging.check.wishes import asks_for_more
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, FileCheck, Wish
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Look, Operation

Measure = Callable[[Pair], list[Fact]]


@dataclass(frozen=True)
class Measures:
    """The measuring functions of an operation."""

    file: tuple[Measure, ...] = ()
    look: tuple[Measure, ...] = ()


def resized(pair: Pair) -> list[Fact]:
    """Content and tones of a picture that may have been cut or padded; nothing if the part cannot be found."""
    if not frame.is_found(pair, frame.CERTAIN):
        return []
    return measured(pair, (tiles.likeness, tone.order, tone.colour, tone.light))


def measured(pair: Pair, measures: Sequence[Measure]) -> list[Fact]:
    """Return the facts of all measuring functions."""
    return [fact for measure in measures for fact in measure(pair)]


SIZE = (requirements.size, requirements.ratio, requirements.same_picture)
FRAME = (frame.frame, frame.motion)
SOUND = (tone.blank, tone.order, damage.noise, damage.blocks, damage.steps)
TONE = (tone.colour, tone.light)
KEPT = (faces, text, mark_added)
CUT_OUT = Measures(look=(requirements.transparency, cut_out))
LAYERS = Measures(file=(requirements.layers, layered))
EDITED = Measures(
    look=(
        *SIZE,
        tone.blank,
        frame.edited,
        damage.noise,
        damage.blocks,
        damage.edited_edges,
        *KEPT,
        edited,
        mark_left,
    )
)
OPERATIONS: dict[Operation, Measures] = {
    Operation.ENHANCE: Measures(
        look=(
            *SIZE,
            requirements.long_side,
            requirements.sharpness,
            *FRAME,
            tiles.content,
            *SOUND,
            *TONE,
            damage.blur,
            damage.stripes,
            *KEPT,
            corner_mark,
        )
    ),
    Operation.EDIT: EDITED,
    Operation.FIX_OLD_PHOTO: Measures(
        look=(
            *SIZE,
            frame.frame,
            frame.restored_motion,
            tiles.restored_content,
            *SOUND,
            tone.restored_colour,
            tone.restored_light,
            damage.restored_texture,
            damage.restored_stripes,
            *KEPT,
            corner_mark,
        )
    ),
    Operation.REMOVE_BG: CUT_OUT,
    Operation.LAYERED: LAYERS,
    Operation.REMOVE_BG_AND_LAYER: LAYERS,
    Operation.VECTORIZE: Measures(file=(drawing,), look=(tone.blank, frame.frame, tiles.likeness, tone.order)),
    Operation.RESIZE: Measures(
        file=(requirements.size_asked, requirements.resolution, requirements.profile),
        look=(tone.blank, resized, resize.whole),
    ),
}

# Where the customer asks for more than the operation, e.g. for more light: what was asked for may change.
WITH_WISHES = {
    Operation.ENHANCE: Measures(look=(requirements.long_side, requirements.sharpness, *EDITED.look)),
    Operation.FIX_OLD_PHOTO: EDITED,
}


def measures_of(wish: Wish) -> Measures:
    """Return the measuring functions for a wish."""
    own = OPERATIONS[wish.operation]
    return WITH_WISHES.get(wish.operation, own) if asks_for_more(wish) else own


def check(original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish, limits: Limits) -> FileCheck:
    """Measure a deliverable; `issue` is empty if it meets the requirements. Raises PictureUnreadable."""
    pair = Pair(original, file, view, wish, limits)
    return judged(pair, [*measured(pair, measures_of(wish).file), *looked_at(pair)])


def judged(pair: Pair, facts: Sequence[Fact]) -> FileCheck:
    """Return what the facts amount to."""
    look, worst = look_of(facts), worst_of(facts)
    sizes = {
        "original_size": list(pair.before.size),
        "view_size": list(pair.after.size),
        "file_bytes": len(pair.file.data),
    }
    kind = {"failure": worst.kind.value} if worst else {}
    return FileCheck(look.issue, sizes | as_recorded(facts) | kind, _outcome(worst), look.score, look.next_step)


def look_of(facts: Sequence[Fact]) -> Look:
    """Return the score, and of the worst fault its sentence and what may help."""
    worst = worst_of(facts)
    if worst is None:
        return Look(score=score_of(facts))
    return Look(score=score_of(facts), issue=worst.issue, next_step=NEXT_STEPS[worst.kind])


def looked_at(pair: Pair) -> list[Fact]:
    """Return the facts about what people see, remembered for the last pair: the score of a result follows its check."""
    key = (pair.original.data, pair.view.data, repr(pair.wish))
    if key not in _LAST:
        facts = measured(pair, measures_of(pair.wish).look)
        _LAST.clear()
        _LAST[key] = facts
    return _LAST[key]


_LAST: dict[tuple[bytes, bytes, str], list[Fact]] = {}  # of this process


def _outcome(worst: Fact | None) -> Outcome:
    is_unchanged = worst is not None and worst.kind is FailureKind.UNCHANGED
    return Outcome.UNCHANGED if is_unchanged else Outcome.WRONG_FILE
