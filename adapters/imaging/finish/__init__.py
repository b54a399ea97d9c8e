"""Turns a model's raw picture into the file that an operation must deliver."""

from collections.abc import Callable

from PIL import Image

from adapters.imaging.colour import to_profile
from adapters.imaging.decode import decode
from adapters.imaging.finish.cutout import cut_out
from adapters.imaging.finish.framing import enhanced, resized, retouched
from adapters.imaging.finish.layers import layered
from adapters.imaging.finish.registered import put_right
from adapters.imaging.finish.vector import vectorized
from adapters.imaging.labels import AiLabel, labelled
from adapters.imaging.labels.credentials import Credentials, signed
from adapters.imaging.limits import Limits
from domain.ports import Deliverable, EncodedImage, Wish
from domain.vocabulary.pictures import Operation

Finisher = Callable[[EncodedImage, Image.Image, Image.Image, Wish], Deliverable]

FINISHERS: dict[Operation, Finisher] = {
    Operation.ENHANCE: enhanced,
    Operation.EDIT: retouched,
    Operation.FIX_OLD_PHOTO: retouched,
    Operation.REMOVE_BG: cut_out,
    Operation.LAYERED: layered,
    Operation.REMOVE_BG_AND_LAYER: layered,
    Operation.VECTORIZE: vectorized,
    Operation.RESIZE: resized,
}


KEEP_FRAME = {Operation.ENHANCE, Operation.FIX_OLD_PHOTO}  # an edit may be about the frame


def finish(
    original: EncodedImage,
    raw: EncodedImage,
    wish: Wish,
    limits: Limits,
    label: AiLabel | None = None,
    credentials: Credentials | None = None,
) -> Deliverable:
    """Return the deliverable of the operation, with its AI label and the shop's signature.

    Raises PictureUnreadable, MalformedRequest, OutsideRefused.
    """
    before = decode(original, limits)
    after = to_profile(decode(raw, limits), before.info.get("icc_profile"))
    if wish.operation in KEEP_FRAME:
        after = put_right(before, after)
    return _with_label(FINISHERS[wish.operation](original, before, after, wish), label, credentials)


def _with_label(made: Deliverable, label: AiLabel | None, credentials: Credentials | None) -> Deliverable:
    file = signed(labelled(made.file, label), label, credentials)
    return Deliverable(file, file if made.view == made.file else labelled(made.view, label), made.extension)
