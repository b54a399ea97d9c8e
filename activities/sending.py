"""What a model is sent of a picture."""

from domain.ports import EncodedImage, Imaging, InputLimits


async def fit_for_model(imaging: Imaging, picture: EncodedImage, takes: InputLimits) -> EncodedImage:
    """Return the picture, or a smaller copy where a model takes no more bytes. Raises PictureUnreadable."""
    return picture if takes.allow(picture) else await imaging.reduced(picture, takes)
