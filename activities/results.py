"""Results in storage: the deliverable, a viewable version of it, and the watermarked preview."""

import asyncio
import mimetypes
from pathlib import Path

from domain.attempts.work import Adopted
from domain.ports import AcceptedFile, Deliverable, EncodedImage, Files, Imaging, PictureFacts
from domain.vocabulary.pictures import StoredPicture

HANDED_IN, VIEW, PREVIEW, MARKED = "file", "view", "preview.jpg", "marked"  # as `Imaging.accept` names them


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

    async def store(self, base: str, deliverable: Deliverable, *, shows_label: bool) -> Adopted:
        """Store what a model made under keys that begin with `base`. Raises PictureUnreadable.

        If it `shows_label`, the file without the visible AI label lies beside it, in case the customer wants that one.
        """
        if not shows_label:
            facts = await self._imaging.inspect(deliverable.view, ours=True)
            return await self.store_proved(base, deliverable, facts, shows_label=False)
        facts, marked = await asyncio.gather(  # two imaging processes work side by side
            self._imaging.inspect(deliverable.view, ours=True), self._imaging.with_visible_label(deliverable.file)
        )
        is_seen = deliverable.view == deliverable.file
        shown = Deliverable(marked, marked if is_seen else deliverable.view, deliverable.extension)
        stored = await self.store_proved(base, shown, facts, shows_label=not is_seen)  # else the view shows it already
        stored.plain_key = f"{base}-plain-generated.{deliverable.extension}"
        stored.plain_size = len(deliverable.file.data)
        await self._files.put(stored.plain_key, deliverable.file.data, deliverable.file.content_type)
        return stored

    async def store_proved(
        self, base: str, deliverable: Deliverable, facts: PictureFacts, *, shows_label: bool = True
    ) -> Adopted:
        """Store a deliverable whose view has been decoded."""
        file = await self.put_proved(f"{base}-generated.{deliverable.extension}", deliverable.file, facts)
        view_key = file.key
        if deliverable.view != deliverable.file:
            view_key = await self.put_picture(f"{base}-view", deliverable.view)
        shown = await self._imaging.preview(deliverable.view, shows_label=shows_label)
        preview_key = await self.put_picture(f"{base}-preview", shown)
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
            stored.plain_key, stored.plain_size = f"{base}-plain-generated.{accepted.extension}", plain.stat().st_size
            await self._files.put_file(stored.plain_key, plain, accepted.content_type)
        await self._files.put_file(stored.preview_key, folder / PREVIEW, "image/jpeg")
        return stored

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
