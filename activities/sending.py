"""What a model is sent of a picture."""

from domain.ports import EncodedImage, Imaging


async def within(imaging: Imaging, picture: EncodedImage, most_bytes: int | None) -> EncodedImage:
    """Return the picture, or a smaller copy where a model takes no more bytes. Raises PictureUnreadable."""
    if most_bytes is None or len(picture.data) <= most_bytes:
        return picture
    return await imaging.reduced(picture, most_bytes)
