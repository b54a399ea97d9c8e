"""The kinds of finished files by content, and which of them each operation owes."""

from dataclasses import dataclass
from pathlib import Path

from adapters.imaging.limits import FINISHED_BYTES, MEBIBYTE, exceeding
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said, said
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation

HEAD = 4096  # bytes that tell the kind


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name in texts, its content type and extension."""

    name: str
    content_type: str
    extension: str


JPEG = Kind("jpeg", "image/jpeg", "jpg")
PNG = Kind("png", "image/png", "png")
WEBP = Kind("webp", "image/webp", "webp")
TIFF = Kind("tiff", "image/tiff", "tiff")
PSD = Kind("psd", "image/vnd.adobe.photoshop", "psd")
SVG = Kind("svg", "image/svg+xml", "svg")
STARTS = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"8BPS": PSD} | dict.fromkeys(
    (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), TIFF
)
VIEWED = {JPEG, PNG, WEBP}  # every program and browser shows these
PHOTOGRAPHS = frozenset({JPEG, PNG, TIFF, WEBP})
OWED: dict[Operation, frozenset[Kind]] = {
    Operation.ENHANCE: PHOTOGRAPHS,
    Operation.EDIT: PHOTOGRAPHS,
    Operation.FIX_OLD_PHOTO: PHOTOGRAPHS,
    Operation.RESIZE: PHOTOGRAPHS,
    Operation.REMOVE_BG: frozenset({PNG}),
    Operation.LAYERED: frozenset({PSD}),
    Operation.REMOVE_BG_AND_LAYER: frozenset({PSD}),
    Operation.VECTORIZE: frozenset({SVG}),
}


def not_taken(why: Said) -> PictureUnreadable:
    """Return the error that says why a file is not taken."""
    return PictureUnreadable(TEXTS["en"].say(why)).because(why)


def checked_kind(path: Path) -> Kind:
    """Return the kind of a file on disk that may be handed in. Raises PictureUnreadable."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if kind is None:
        raise not_taken(said("handed_in.unknown"))
    if path.stat().st_size > FINISHED_BYTES:
        megabytes, most = exceeding(path.stat().st_size, MEBIBYTE), FINISHED_BYTES // MEBIBYTE
        raise not_taken(said("handed_in.too_many_bytes", megabytes=megabytes, most=most))
    return kind


def kind_of(head: bytes) -> Kind | None:
    """Return the kind of a file that may be handed in, by its first bytes, or None."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and b"<svg" in head[:HEAD]:
        return SVG
    return next((kind for start, kind in STARTS.items() if head.startswith(start)), None)
