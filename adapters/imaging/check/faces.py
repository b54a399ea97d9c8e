"""Facts about faces: none is lost, none is added, and each is still the same person with the same features.

The limits stand between what blur, JPEG, exposure, sharpening and enlarging do to 31 faces, and what warps of 3 to 10 %
of a face and other people's faces do to them.
"""

import re

import numpy as np

from adapters.imaging.check.face_shape import Change, change_of
from adapters.imaging.check.facts import Fact, FailureKind, at_most
from adapters.imaging.check.pair import Pair
from adapters.imaging.check.structure import changed_structure
from adapters.imaging.check.wishes import changes_of
from adapters.imaging.networks.faces import Face, face_at, find_faces
from domain.texts.phrase import said
from domain.vocabulary.pictures import Operation

SMALLEST = 40  # pixels at working size; less cannot be measured
SMALLEST_CHANGE = 2e-4  # share of the picture; in less no face can have been added
MOST_COMPARED = 6  # faces, the largest
LANDMARKS, PROPORTIONS = 0.05, {"eyes": 0.15, "mouth": 0.33, "jaw": 0.12, "nose": 0.09}
MOVED, UNSURE = 0.022, 0.5  # limit of a face that stayed the same; the less alike the crops are, the more flow errs
UNLIKE = 0.12
DAMAGED = 2.5  # how much more a damaged old photograph may change: what is repaired was on the faces, too
CLEAR, HARDLY = 0.95, 0.3  # the mesh's confidence in a face that was added, and in the same place before
ABOUT_PEOPLE = re.compile(
    r"脸|面部|五官|眼|眉|嘴|唇|鼻|牙|下巴|额|腮|头|发|笑|表情|妆|颜|瘦|胖|人|谁|年轻|老|皱纹|痘|斑|孩|宝宝|男|女|妈|爸|face|eye|mouth|"
    r"lip|nose|teeth|smil|chin|jaw|head|hair|people|person|man\b|men\b|girl|boy|child|kid|baby|young|make-?up|slim|wrinkle"
)


def faces(pair: Pair) -> list[Fact]:
    """Faces lost, added or changed; nothing about an edit whose words are about people."""
    if pair.wish.operation is Operation.EDIT and ABOUT_PEOPLE.search(changes_of(pair.wish)):
        return []
    before = [face for face in pair.of_original(original_faces) if _is_covered(pair, face)]
    after = [face_at(pair.new, face) for face in before]
    kept = [(old, new) for old, new in zip(before, after, strict=True) if new.is_sure]
    return [*_count(pair, before, len(before) - len(kept)), *_changes(pair, kept)]


def original_faces(pair: Pair) -> list[Face]:
    """Return the faces of the original at working size that are large enough to be measured."""
    return [face for face in find_faces(pair.old) if face.side >= SMALLEST][:MOST_COMPARED]


def _count(pair: Pair, before: list[Face], lost: int) -> list[Fact]:
    is_changed = float(pair.once(changed_structure).mean()) > SMALLEST_CHANGE
    added = [face for face in find_faces(pair.new) if _is_new(pair, face)] if is_changed or lost else []
    facts = [at_most("faces_added", len(added), 0.5, FailureKind.FACE, said("check.faces_added"))]
    if before:
        issue = said("check.faces_lost", count=lost)
        facts.append(at_most("faces_lost", lost, 0.5, FailureKind.FACE, issue, faces=len(before)))
    return facts


def _is_new(pair: Pair, face: Face) -> bool:
    return (
        face.side >= SMALLEST
        and face.confidence >= CLEAR
        and _is_covered(pair, face)
        and face_at(pair.old, face).confidence < HARDLY
    )


def _changes(pair: Pair, kept: list[tuple[Face, Face]]) -> list[Fact]:
    if not kept:
        return []
    more = DAMAGED if pair.wish.operation is Operation.FIX_OLD_PHOTO else 1
    changes = [change_of(pair.old, pair.new, *both) for both in kept]
    kind, moved, other = FailureKind.FACE, said("check.face_moved"), said("check.face_changed")
    return [
        at_most("face_moved", max(map(_moved, changes)), more * MOVED, kind, moved),
        at_most("face_landmarks", max(change.landmarks for change in changes), more * LANDMARKS, kind, moved),
        at_most("face_proportions", max(map(_proportions, changes)), more, kind, moved),
        at_most("face_unlike", max(1 - change.likeness for change in changes), more * UNLIKE, kind, other),
    ]


def _moved(change: Change) -> float:
    return max(0.0, change.moved - UNSURE * (1 - change.likeness))


def _proportions(change: Change) -> float:
    return max(value / PROPORTIONS[part] for part, value in change.parts.items())


def _is_covered(pair: Pair, face: Face) -> bool:
    """Whether the result shows the whole face."""
    height, width = pair.valid.shape
    across, down = np.clip(face.points.astype(int), 0, (width - 1, height - 1)).T
    return bool(pair.valid[down, across].all())
