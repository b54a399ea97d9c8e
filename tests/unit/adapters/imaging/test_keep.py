"""What is kept of a user's picture: its pixels in its format, a thumbnail, and nothing private."""

import io
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from adapters.imaging.keep import LONG_SIDE, keep_file
from adapters.imaging.kept import KeptPicture
from adapters.imaging.limits import Limits
from domain.vocabulary.errors import PictureUnreadable
from tests.unit.adapters.imaging.odd_files import png
from tests.unit.adapters.imaging.pictures import encoded, scene

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
PLACE = b"Secret Street 7"


def private(kind: str) -> bytes:
    """A picture with a place, a device, a name and something hidden behind its end."""
    exif = Image.Exif()
    exif[MAKE] = PLACE.decode()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[2] = (31.0, 14.0, 20.0)
    options: dict[str, Any] = {"exif": exif.tobytes(), "xmp": b"<x>" + PLACE + b"</x>"}
    if kind == "JPEG":
        options["comment"] = PLACE
    return encoded(scene(), kind, **options).data + b"PK\x03\x04" + PLACE


def kept(folder: Path, data: bytes, limits: Limits | None = None) -> tuple[KeptPicture, bytes, bytes]:
    """Return the facts, the copy and the thumbnail."""
    (folder / "sent").write_bytes(data)
    sent, copy, thumbnail = (str(folder / name) for name in ("sent", "copy", "thumbnail"))
    facts = keep_file(sent, copy, thumbnail, limits or Limits())
    return facts, (folder / "copy").read_bytes(), (folder / "thumbnail").read_bytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_copy_is_upright_in_its_format_and_holds_nothing_private(tmp_path: Path, kind: str) -> None:
    facts, copy, thumbnail = kept(tmp_path, private(kind))
    assert (facts.content_type, facts.size, facts.thumbnail_size) == (
        f"image/{kind.lower()}",
        len(copy),
        len(thumbnail),
    )
    shown = Image.open(io.BytesIO(copy))
    assert shown.format == kind
    assert shown.size == (facts.width, facts.height) == scene().size[::-1]
    for data in (copy, thumbnail):
        picture = Image.open(io.BytesIO(data))
        assert PLACE not in data
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "XML:com.adobe.xmp"} & set(picture.info)


def test_a_thumbnail_is_a_small_jpeg_of_real_pixels(tmp_path: Path) -> None:
    _, _, thumbnail = kept(tmp_path, encoded(scene(3000, 1500), "PNG").data)
    small = Image.open(io.BytesIO(thumbnail))
    assert (small.format, small.size) == ("JPEG", (LONG_SIDE, LONG_SIDE // 2))
    assert len(thumbnail) < 80_000


def test_what_is_transparent_stays_so_in_the_copy_and_shows_in_the_thumbnail(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    for kind in ("PNG", "WEBP"):
        _, copy, thumbnail = kept(tmp_path, encoded(clear, kind).data)
        assert Image.open(io.BytesIO(copy)).getchannel("A").getextrema()[0] == 0
        assert min(Image.open(io.BytesIO(thumbnail)).convert("L").tobytes()) > 150


@pytest.mark.parametrize("data", [b"", b"<html>", encoded(scene(), "JPEG").data[:900], png(9000, 9000), b"GIF89a" * 9])
def test_what_is_no_picture_of_ours_is_refused_and_nothing_is_written(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        kept(tmp_path, data)
    assert not (tmp_path / "copy").exists()


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable, match="MB"):
        kept(tmp_path, struct.pack("<I", 0) * 1000, Limits(max_bytes=100))
