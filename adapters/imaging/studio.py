"""The Imaging port: all work on pictures, done in child processes."""

from pathlib import Path
from typing import Protocol

from adapters.imaging.children import Children
from adapters.imaging.handed_in.terms import Terms
from adapters.imaging.kept import KeptPicture
from adapters.imaging.labels.credentials import Credentials
from adapters.imaging.labels.packet import AiLabel, label_of
from adapters.imaging.limits import Limits
from domain.ports import (
    HANDED_IN,
    AcceptedFile,
    Deliverable,
    EncodedImage,
    FileCheck,
    HandedIn,
    InputLimits,
    PictureFacts,
    Previews,
    Wish,
)
from domain.vocabulary.provenance import Provenance


class Scanner(Protocol):
    """Says whether a file from outside is malware. Each method raises PictureUnreadable, OutsideUnavailable."""

    async def scan(self, data: bytes) -> None:
        """Scan bytes in memory."""

    async def scan_file(self, path: Path) -> None:
        """Scan a file on disk."""


class Studio:
    """Works on pictures outside the worker's process. Every method may raise PictureUnreadable."""

    def __init__(
        self,
        children: Children,
        limits: Limits | None = None,
        watermark: str = "预览 PREVIEW",
        producer: str = "",
        credentials: Credentials | None = None,
        scanner: Scanner | None = None,
    ) -> None:
        self._children = children
        self._limits = limits or Limits()
        self._ours = self._limits.ours
        self._finished = self._limits.finished
        self._watermark = watermark
        self._credentials = credentials
        self._scanner = scanner
        self._producer = producer  # the shop's name in the labels of what its models make

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        """Validate a picture by decoding it completely; one of `ours` may be larger, and is not scanned."""
        if self._scanner and not ours:
            await self._scanner.scan(picture.data)
        facts: PictureFacts = await self._children.run("decode:inspect", picture, self._ours if ours else self._limits)
        return facts

    async def inspect_file(self, path: Path) -> PictureFacts:
        """Validate an upload on disk, without reading it into the caller's memory."""
        await self._scan_file(path)
        facts: PictureFacts = await self._children.run("decode:inspect_file", str(path), self._limits)
        return facts

    async def portable(self, picture: EncodedImage) -> EncodedImage:
        """Make a JPEG, PNG or WebP of a picture of any accepted format."""
        copy: EncodedImage = await self._children.run("portable:portable", picture, self._limits)
        return copy

    async def keep_file(
        self, path: Path, copy: Path, thumbnail: Path, made_by: Provenance | None = None
    ) -> KeptPicture:
        """Prove an upload that lies on disk, and write a copy without private metadata and a thumbnail to disk."""
        await self._scan_file(path)
        paths = (str(path), str(copy), str(thumbnail))
        kept: KeptPicture = await self._children.run("keep:keep_file", *paths, self._limits, self._label(made_by))
        return kept

    async def finish(
        self, original: EncodedImage, raw: EncodedImage, wish: Wish, made_by: Provenance | None = None
    ) -> Deliverable:
        """Turn a model's raw picture into the deliverable. Raises MalformedRequest if resize has no size."""
        job = ("finish:finish", original, raw, wish, self._ours, self._label(made_by), self._credentials)
        deliverable: Deliverable = await self._children.run(*job)
        return deliverable

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        """Check a deliverable by measuring it."""
        found: FileCheck = await self._children.run("check:check", original, file, view, wish, self._ours)
        return found

    async def reduced(self, picture: EncodedImage, takes: InputLimits, aspect_ratio: str = "") -> EncodedImage:
        """Make a copy that a model accepts; one that is too narrow is padded to this ratio."""
        copy: EncodedImage = await self._children.run("reduce:reduce", picture, takes, aspect_ratio, self._ours)
        return copy

    async def accept(self, folder: Path, offered: HandedIn, made_by: Provenance | None) -> AcceptedFile:
        """Check a finished file from elsewhere; everything stays on disk."""
        await self._scan_file(folder / HANDED_IN)
        terms = Terms(self._finished, self._watermark, self._label(made_by), self._credentials)
        accepted: AcceptedFile = await self._children.run("handed_in.accepting:accept", str(folder), offered, terms)
        return accepted

    async def with_visible_label(self, file: EncodedImage) -> EncodedImage:
        """Make a copy of a file that shows the AI label."""
        copy: EncodedImage = await self._children.run("labels.visible:with_visible_label", file, self._credentials)
        return copy

    async def previews(self, view: EncodedImage, *, shows_label: bool = True, number: int = 0) -> Previews:
        """Make the watermarked JPEG that is shown before acceptance, and a thumbnail."""
        job = ("preview:previews", view, self._ours, self._watermark, shows_label, number)
        shown: Previews = await self._children.run(*job)
        return shown

    async def smaller(self, original: EncodedImage) -> Previews:
        """Make the smaller sizes of an original."""
        shown: Previews = await self._children.run("preview:previews", original, self._ours, "", False)
        return shown

    async def thumbnail(self, picture: EncodedImage) -> EncodedImage:
        """Make a small JPEG, without a watermark."""
        small: EncodedImage = await self._children.run("preview:thumbnail", picture, self._ours)
        return small

    async def clean(self, picture: EncodedImage) -> EncodedImage:
        """Make the copy that strangers may see: a JPEG without metadata."""
        copy: EncodedImage = await self._children.run("clean:clean", picture, self._ours)
        return copy

    async def before_after(self, original: EncodedImage, result: EncodedImage) -> EncodedImage:
        """Make a labelled JPEG of two pictures side by side, for people to compare."""
        both: EncodedImage = await self._children.run("preview:before_after", original, result, self._ours)
        return both

    async def _scan_file(self, path: Path) -> None:
        if self._scanner:
            await self._scanner.scan_file(path)

    def _label(self, made_by: Provenance | None) -> AiLabel | None:
        return label_of(made_by, self._producer) if made_by else None
