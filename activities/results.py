"""Results in storage: the deliverable, a viewable version of it, and the watermarked preview."""

import asyncio
import mimetypes
from pathlib import Path

from domain.attempts.work import Adopted
from domain.ports import (
    HANDED_IN,
    MARKED,
    PREVIEW,
    THUMB,
    VIEW,
    AcceptedFile,
    Deliverable,
    EncodedImage,
    Files,
    Imaging,
    PictureFacts,
    Previews,
)
from domain.vocabulary import ids
from domain.vocabulary.pictures import StoredPicture

JPEG = "image/jpeg"


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

    async def store(self, base: str, deliverable: Deliverable, *, shows_label: bool, number: int = 0) -> Adopted:
        """Store what a model made under keys that begin with `base`. Raises PictureUnreadable.

        If it `shows_label`, the file without the visible AI label lies beside it, in case the customer wants that one.
        """
        if not shows_label:
            facts = await self._imaging.inspect(deliverable.view, ours=True)
            return await self._store_proved(base, deliverable, facts, shows_label=False, number=number)
        facts, marked = await asyncio.gather(  # two imaging processes work side by side
            self._imaging.inspect(deliverable.view, ours=True), self._imaging.with_visible_label(deliverable.file)
        )
        is_seen = deliverable.view == deliverable.file
        shown = Deliverable(marked, marked if is_seen else deliverable.view, deliverable.extension)
        # A view that is the file shows the label already.
        stored = await self._store_proved(base, shown, facts, shows_label=not is_seen, number=number)
        stored.plain_size = len(deliverable.file.data)
        await self._files.put(stored.plain_key, deliverable.file.data, deliverable.file.content_type)
        return stored

    async def _store_proved(
        self, base: str, deliverable: Deliverable, facts: PictureFacts, *, shows_label: bool, number: int
    ) -> Adopted:
        """Store a deliverable whose view has been decoded."""
        file = await self._put(f"{base}-generated.{deliverable.extension}", deliverable.file, facts)
        view_key = file.key
        if deliverable.view != deliverable.file:
            view_key = await self.put_picture(f"{base}-view", deliverable.view)
        shown = await self._imaging.previews(deliverable.view, shows_label=shows_label, number=number)
        preview_key = await self.put_picture(f"{base}-preview", shown.web)
        await self._put_thumbnail(file.key, shown)
        return Adopted(file=file, view_key=view_key, preview_key=preview_key, is_labelled=True)

    async def store_accepted(self, base: str, folder: Path, accepted: AcceptedFile) -> Adopted:
        """Store a finished file that was accepted, and what lies beside it on disk."""
        plain, marked = folder / HANDED_IN, folder / MARKED
        key = f"{base}-generated.{accepted.extension}"
        shown = marked if accepted.is_marked else plain
        sha256 = await self._files.put_file(key, shown, accepted.content_type)
        file = StoredPicture(
            key=key,
            content_type=accepted.content_type,
            width=accepted.width,
            height=accepted.height,
            file_size=shown.stat().st_size,
            sha256=sha256,
            likeness=accepted.likeness,
        )
        stored = Adopted(file=file, view_key=key, preview_key=f"{base}-preview.jpg", issue=accepted.issue)
        stored.is_labelled = accepted.is_labelled
        if accepted.view_type:
            stored.view_key = f"{base}-view.{extension(accepted.view_type)}"
            await self._files.put_file(stored.view_key, folder / VIEW, accepted.view_type)
        if accepted.is_marked:
            stored.plain_size = plain.stat().st_size
            await self._files.put_file(stored.plain_key, plain, accepted.content_type)
        await self._files.put_file(stored.preview_key, folder / PREVIEW, JPEG)
        await self._files.put_file(ids.thumbnail_of(key), folder / THUMB, JPEG)
        return stored

    async def put_proved(self, key: str, picture: EncodedImage, facts: PictureFacts) -> StoredPicture:
        """Store an original that was decoded, with its web size and its thumbnail, and return its facts."""
        original = await self._put(key, picture, facts)
        shown = await self._imaging.smaller(picture)
        await self._files.put(ids.web_of(original.key), shown.web.data, shown.web.content_type)
        await self._put_thumbnail(original.key, shown)
        return original

    async def _put_thumbnail(self, key: str, shown: Previews) -> None:
        """Store the thumbnail of an image beside it."""
        await self._files.put(ids.thumbnail_of(key), shown.thumbnail.data, shown.thumbnail.content_type)

    async def put_picture(self, base: str, picture: EncodedImage) -> str:
        """Store a picture and return its key: the base and the extension of its type."""
        key = f"{base}.{extension(picture.content_type)}"
        await self._files.put(key, picture.data, picture.content_type)
        return key

    async def _put(self, key: str, file: EncodedImage, shown: PictureFacts) -> StoredPicture:
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
