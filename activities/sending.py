"""Preparing a picture for a model."""

from domain.ports import EncodedImage, Imaging, InputLimits


async def fit_for_model(imaging: Imaging, picture: EncodedImage, takes: InputLimits) -> EncodedImage:
    """Return the picture, or a smaller copy if it exceeds the model's limits. Raises PictureUnreadable."""
    return picture if takes.allow(picture) else await imaging.reduced(picture, takes)
