"""Results in storage: the deliverable, a viewable version of it, and the watermarked preview."""

import mimetypes

from domain.attempts.work import Adopted
from domain.ports import Deliverable, EncodedImage, Files, Imaging, PictureFacts
from domain.vocabulary.pictures import StoredPicture


def extension(content_type: str) -> str:
    """Return the usual file extension of a content type, without the dot."""
    return {"image/vnd.adobe.photoshop": "psd"}.get(
        content_type, (mimetypes.guess_extension(content_type) or ".bin").removeprefix(".")
    )


class Results:
    """Stores results."""

    def __init__(self, files: Files, imaging: Imaging) -> None:
        self._files = files
        self._imaging = imaging

    async def store(self, base: str, deliverable: Deliverable) -> Adopted:
        """Store a deliverable under keys that begin with `base`. Raises PictureUnreadable."""
        facts = await self._imaging.inspect(deliverable.view, ours=True)
        return await self.store_proved(base, deliverable, facts)

    async def store_proved(self, base: str, deliverable: Deliverable, facts: PictureFacts) -> Adopted:
        """Store a deliverable whose view has been decoded."""
        file = await self.put_proved(f"{base}-generated.{deliverable.extension}", deliverable.file, facts)
        view_key = file.key
        if deliverable.view != deliverable.file:
            view_key = await self.put_picture(f"{base}-view", deliverable.view)
        preview_key = await self.put_picture(f"{base}-preview", await self._imaging.preview(deliverable.view))
        return Adopted(file=file, view_key=view_key, preview_key=preview_key)

    async def put_picture(self, base: str, picture: EncodedImage) -> str:
        """Store a picture and return its key: the base and the extension of its type."""
        key = f"{base}.{extension(picture.content_type)}"
        await self._files.put(key, picture.data, picture.content_type)
        return key

    async def put_proved(self, key: str, file: EncodedImage, shown: PictureFacts) -> StoredPicture:
        """Store a file and return its facts; `shown` are those found by decoding its view."""
        sha256 = await self._files.put(key, file.data, file.content_type)
        return StoredPicture(
            key=key,
            content_type=file.content_type,
            width=shown.width,
            height=shown.height,
            file_size=len(file.data),
            sha256=sha256,
            likeness=shown.likeness,
        )
