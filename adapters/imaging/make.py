"""Makes the local model's raw pictures, in the child process, by networks where they help and OpenCV for the rest."""

import cv2
from PIL import Image

from adapters.imaging import edits
from adapters.imaging.arrays import Mask, Pixels, alpha_of, image_of, pixels_of
from adapters.imaging.decode import decode
from adapters.imaging.edit_words import Edits, read
from adapters.imaging.encode import as_png
from adapters.imaging.limits import Limits
from adapters.imaging.made import Made
from adapters.imaging.networks.super_resolution import PHOTO_PIXELS, enlarge
from adapters.imaging.restore import restore
from adapters.imaging.subject import subject
from domain.ports import EncodedImage, Wish
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelRefused
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation

CUT_OUTS = {Operation.REMOVE_BG, Operation.LAYERED, Operation.REMOVE_BG_AND_LAYER}


def make(original: EncodedImage, wish: Wish, limits: Limits) -> Made:
    """Return a raw picture for finish/. Raises PictureUnreadable, ModelRefused."""
    picture = decode(original, limits)
    is_edit = wish.operation is Operation.EDIT
    wanted = read(wish.prompt, is_edit=is_edit)
    if not wanted.is_whole or (not wanted if is_edit else wanted.background):
        raise ModelRefused(
            "The local model cannot do free edits, which need Gemini: it changes a background to one colour, and "
            "brightness, contrast, warmth and saturation of the whole picture.",
            Outcome.BAD_INPUT,
            why=said("local.free_edit"),
        )
    if is_edit:
        return _edited(picture, wanted)
    made = _made(picture, wish)
    return _toned(made, wanted, limits) if wanted else made


def _made(picture: Image.Image, wish: Wish) -> Made:
    if wish.operation is Operation.ENHANCE:
        return _enlarged(picture, pixels_of(picture), "local-realesrgan")
    if wish.operation is Operation.FIX_OLD_PHOTO:
        return _restored(picture)
    if wish.operation in CUT_OUTS:
        return _cut_out(picture)
    if wish.operation is Operation.RESIZE and wish.size and wish.size.width * wish.size.height > 2 * _area(picture):
        return _enlarged(picture, pixels_of(picture), "local-realesrgan")
    return Made(as_png(picture), "local-unchanged")


def _restored(picture: Image.Image) -> Made:
    """Restore a photograph; only a small one is enlarged too, since networks paint over the grain."""
    pixels = restore(pixels_of(picture))
    if _area(picture) <= PHOTO_PIXELS:
        return _enlarged(picture, pixels, "local-opencv-realesrgan")
    alpha = alpha_of(picture) if picture.mode == "RGBA" else None
    return Made(
        as_png(image_of(pixels, alpha, picture.info.get("icc_profile"))), "local-opencv", {"method": "restored"}
    )


def _enlarged(picture: Image.Image, pixels: Pixels, name: str) -> Made:
    result, network = enlarge(pixels)
    alpha = None
    if picture.mode == "RGBA":
        alpha = cv2.resize(alpha_of(picture), result.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    image = as_png(image_of(result, alpha, picture.info.get("icc_profile")))
    scale = result.shape[1] / picture.width
    model = f"{name}-x{scale:.0f}" if scale > 1 else "local-opencv"  # large pictures are not run through a network
    return Made(image, model, {"method": network, "scale": f"{scale:.0f}"})


def _cut_out(picture: Image.Image) -> Made:
    """Make the background transparent but keep its colours, from which layers are completed."""
    pixels = pixels_of(picture)
    alpha = subject(pixels, _own_alpha(picture))
    image = as_png(image_of(pixels, alpha, picture.info.get("icc_profile")))
    return Made(image, "local-u2net", {"method": "u2net, closed-form matting"})


def _edited(picture: Image.Image, wanted: Edits) -> Made:
    own = _own_alpha(picture)
    result = edits.apply(wanted, pixels_of(picture), own)
    alpha = None if wanted.background else own
    image = as_png(image_of(result, alpha, picture.info.get("icc_profile")))
    return Made(image, "local-opencv", {"edits": str(wanted)})


def _toned(made: Made, wanted: Edits, limits: Limits) -> Made:
    """Apply the edits that a revision asks for besides the operation."""
    picture = decode(made.image, limits)
    result = image_of(edits.apply(wanted, pixels_of(picture)), _own_alpha(picture), picture.info.get("icc_profile"))
    return Made(as_png(result), made.model, {**made.parameters, "edits": str(wanted)})


def _own_alpha(picture: Image.Image) -> Mask | None:
    return alpha_of(picture) if picture.mode == "RGBA" else None


def _area(picture: Image.Image) -> int:
    return picture.width * picture.height
