"""Builds the prompt of an attempt from the analysis, the customer's wishes and the last check's findings."""

from domain.language import without_addresses
from domain.order.picture import Picture
from domain.texts.catalogue import TEXTS
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation
from domain.vocabulary.sizes import RATIOS, nearest_ratio

TASKS = {
    Operation.ENHANCE: "Enhance this photograph: sharper, clearer and larger, with the same framing and content.",
    Operation.EDIT: "Edit this picture exactly as asked; change nothing else.",
    Operation.REMOVE_BG: "Isolate the main subject on a plain white background, edges clean, subject unchanged.",
    Operation.LAYERED: "Clean up the main subject and its background so that both can be layers; same framing.",
    Operation.REMOVE_BG_AND_LAYER: "Isolate the main subject on a plain white background, edges clean; same framing.",
    Operation.VECTORIZE: "Redraw this picture with flat colours and clear outlines, fit to be traced; same framing.",
    Operation.RESIZE: "Keep this picture exactly as it is, only clearer; same framing.",
    Operation.FIX_OLD_PHOTO: "Restore this old photograph: repair scratches, stains and fading; same framing.",
}


# What a model is told after an attempt with this outcome.
REPAIRS = {
    Outcome.ONLY_WORDS: "Answer with the picture itself, not with words.",
    Outcome.NO_PICTURE: "Answer with one finished picture.",
    Outcome.BROKEN_PICTURE: "Answer with one finished picture.",
    Outcome.UNCHANGED: "The last attempt gave back the picture as it was: the change must be seen.",
}


def prompt(picture: Picture) -> str:
    """Return the whole prompt for the next attempt at a picture, without e-mail addresses."""
    parts = [TASKS[picture.work]]
    if picture.analysis and picture.analysis.prompt:
        parts.append(picture.analysis.prompt)
    if picture.analysis and picture.analysis.perspective not in {"", "no"}:
        parts.append(f"Correct the perspective: {picture.analysis.perspective}.")
    parts += [picture.words] if picture.words else []
    parts += picture.requirements
    parts += [f"【客户修改要求】{note}" for note in picture.revision_notes]
    if found := _last_finding(picture):
        parts.append(f"The last attempt was not good enough: {found} Avoid that this time.")
    if picture.tries and (repair := REPAIRS.get(picture.tries[-1].outcome or Outcome.MADE)):
        parts.append(repair)
    return "\n".join(map(without_addresses, parts))


def _last_finding(picture: Picture) -> str:
    looks = [attempt.look.issue for attempt in picture.tries if attempt.look]
    return TEXTS["en"].say(looks[-1]) if looks else ""


def aspect_ratio(picture: Picture) -> str:
    """Return the aspect ratio to ask for: of the requested size, else the analysis's, else the original's.

    1:1 is the default of an analysis, so it is ignored rather than cropping an image to a square.
    """
    if size := picture.wanted_size:
        return nearest_ratio(size.width, size.height)
    if picture.analysis and picture.analysis.aspect_ratio in set(RATIOS) - {"1:1"}:
        return picture.analysis.aspect_ratio
    return nearest_ratio(picture.original.width, picture.original.height) if picture.original else "1:1"
