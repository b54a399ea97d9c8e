"""The Imaging port: every piece of work on a picture, each in a child process."""

from pathlib import Path

from adapters.imaging.children import Children
from adapters.imaging.limits import Limits
from domain.ports import Deliverable, EncodedImage, FileCheck, InputLimits, PictureFacts, Wish


class Studio:
    """Works on pictures out of the worker's process. Besides what is named, each raises PictureUnreadable."""

    def __init__(self, children: Children, limits: Limits | None = None, watermark: str = "预览 PREVIEW") -> None:
        self._children = children
        self._limits = limits or Limits()
        self._ours = self._limits.ours
        self._watermark = watermark

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        """Decode a picture wholly to prove it: its format, its bytes, its pixels; `ours` may be larger."""
        facts: PictureFacts = await self._children.run("decode:inspect", picture, self._ours if ours else self._limits)
        return facts

    async def inspect_file(self, path: Path) -> PictureFacts:
        """Decode an upload that lies on disk; the caller need not hold its bytes."""
        facts: PictureFacts = await self._children.run("decode:inspect_file", str(path), self._limits)
        return facts

    async def finish(self, original: EncodedImage, raw: EncodedImage, wish: Wish) -> Deliverable:
        """Turn a model's raw picture into what the operation owes. Raises MalformedRequest where resize has no size."""
        deliverable: Deliverable = await self._children.run("finish:finish", original, raw, wish, self._ours)
        return deliverable

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        """Measure the deliverable itself."""
        found: FileCheck = await self._children.run("check:check", original, file, view, wish, self._ours)
        return found

    async def reduced(self, picture: EncodedImage, takes: InputLimits, aspect_ratio: str = "") -> EncodedImage:
        """Make a copy that a model takes; where it is too narrow, with edges that bring it to this ratio."""
        copy: EncodedImage = await self._children.run("reduce:reduce", picture, takes, aspect_ratio, self._ours)
        return copy

    async def preview(self, view: EncodedImage) -> EncodedImage:
        """Make the small, lightly watermarked JPEG that is shown before acceptance."""
        shown: EncodedImage = await self._children.run("preview:preview", view, self._ours, self._watermark)
        return shown

    async def thumbnail(self, picture: EncodedImage) -> EncodedImage:
        """Make a small JPEG, without a watermark."""
        small: EncodedImage = await self._children.run("preview:thumbnail", picture, self._ours)
        return small

    async def clean(self, picture: EncodedImage) -> EncodedImage:
        """Make the copy that strangers may see: a JPEG without any metadata."""
        copy: EncodedImage = await self._children.run("clean:clean", picture, self._ours)
        return copy

    async def before_after(self, original: EncodedImage, result: EncodedImage) -> EncodedImage:
        """Lay two pictures side by side for people to compare, as a labelled JPEG."""
        both: EncodedImage = await self._children.run("preview:before_after", original, result, self._ours)
        return both
