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

from adapters.imaging.check import requirements
from adapters.imaging.check.faces import faces
from adapters.imaging.check.facts import Fact, FailureKind, as_recorded, worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, FileCheck, Wish
from domain.texts.phrase import Said
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation

Measure = Callable[[Pair], list[Fact]]


@dataclass(frozen=True)
class Measures:
    """The measuring functions of an operation."""

    file: tuple[Measure, ...] = ()
    look: tuple[Measure, ...] = ()


CUT_OUT = Measures(file=(requirements.transparency,))
LAYERS = Measures(file=(requirements.layers,))
OPERATIONS: dict[Operation, Measures] = {
    Operation.ENHANCE: Measures(
        look=(
            requirements.size,
            requirements.ratio,
            requirements.same_picture,
            requirements.framing,
            requirements.long_side,
            requirements.sharpness,
            faces,
        )
    ),
    Operation.EDIT: Measures(look=(requirements.size, requirements.ratio, requirements.same_picture, faces)),
    Operation.FIX_OLD_PHOTO: Measures(
        look=(requirements.size, requirements.ratio, requirements.same_picture, requirements.framing, faces)
    ),
    Operation.REMOVE_BG: CUT_OUT,
    Operation.LAYERED: LAYERS,
    Operation.REMOVE_BG_AND_LAYER: LAYERS,
    Operation.VECTORIZE: Measures(file=(requirements.drawing,), look=(requirements.framing,)),
    Operation.RESIZE: Measures(file=(requirements.size_asked, requirements.resolution, requirements.profile)),
}


def check(original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish, limits: Limits) -> FileCheck:
    """Measure a deliverable; `issue` is empty if it meets the requirements. Raises PictureUnreadable."""
    pair = Pair(original, file, view, wish, limits)
    measures = OPERATIONS[wish.operation]
    facts = measured(pair, (*measures.file, *measures.look))
    worst = worst_of(facts)
    sizes = {"original_size": list(pair.before.size), "view_size": list(pair.after.size), "file_bytes": len(file.data)}
    return FileCheck(worst.issue if worst else Said(), sizes | as_recorded(facts), _outcome(worst))


def measured(pair: Pair, measures: Sequence[Measure]) -> list[Fact]:
    """Return the facts of all measuring functions."""
    return [fact for measure in measures for fact in measure(pair)]


def _outcome(worst: Fact | None) -> Outcome:
    is_unchanged = worst is not None and worst.kind is FailureKind.UNCHANGED
    return Outcome.UNCHANGED if is_unchanged else Outcome.WRONG_FILE
