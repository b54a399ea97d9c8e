"""What phones, scanners and chat programs send is taken; what is not a picture is refused with what helps."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from adapters.imaging.decode import decode, inspect
from adapters.imaging.encode import like
from adapters.imaging.keep import keep_file
from adapters.imaging.limits import Limits
from adapters.imaging.portable import portable
from domain.ports import EncodedImage
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import PORTABLE
from tests.unit.adapters.imaging.heic import PHONE_PHOTO
from tests.unit.adapters.imaging.pictures import encoded, opened, scene

LIMITS = Limits()
LOSSLESS = ["tiff_lzw", "tiff_adobe_deflate", "packbits", None]


def file(data: bytes) -> EncodedImage:
    return EncodedImage(data, "application/octet-stream")


def refused(data: bytes, limits: Limits = LIMITS) -> PictureUnreadable:
    with pytest.raises(PictureUnreadable) as caught:
        inspect(file(data), limits)
    return caught.value


def difference(picture: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(picture, int) - np.asarray(other, int)).mean())


@pytest.mark.parametrize("kind", ["AVIF", "GIF", "BMP", "TIFF"])
def test_other_formats_are_taken_for_what_they_are(kind: str) -> None:
    sent = encoded(scene(), kind)
    assert (inspect(file(sent.data), LIMITS).content_type, decode(sent, LIMITS).size) == (sent.content_type, (64, 48))
    assert difference(decode(sent, LIMITS), scene()) < 12
    copy = portable(sent, LIMITS)
    assert copy.content_type in PORTABLE
    assert difference(opened(copy).convert("RGB"), decode(sent, LIMITS)) < 3


def test_a_phones_photograph_is_turned_once_and_loses_its_camera() -> None:
    facts = inspect(file(PHONE_PHOTO), LIMITS)
    assert (facts.content_type, facts.width, facts.height, facts.more) == ("image/heic", 48, 64, "")
    assert difference(decode(file(PHONE_PHOTO), LIMITS), scene().transpose(Image.Transpose.ROTATE_270)) < 12
    assert b"SecretCamera" in PHONE_PHOTO
    copy = portable(file(PHONE_PHOTO), LIMITS)
    assert (copy.content_type, b"SecretCamera" in copy.data) == ("image/jpeg", False)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
def test_a_scan_of_any_kind_keeps_its_shades(mode: str) -> None:
    deep = {"I;16": 257, "I": 257, "F": 1}
    if mode in deep:
        shades = np.asarray(scene(mode="L"), np.float32) * deep[mode]
        types = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
        sent = encoded(Image.fromarray(shades.astype(types[mode])), "TIFF")
        expected = scene(mode="L").convert("RGB")
    elif mode == "LAB":
        lab: Any = ImageCms.profileToProfile(
            scene(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        sent, expected = encoded(lab, "TIFF"), scene()
    else:
        sent, expected = encoded(scene(mode=mode), "TIFF"), scene(mode=mode).convert("RGB")
    assert difference(decode(sent, LIMITS).convert("RGB"), expected) < 4


@pytest.mark.parametrize("compression", [*LOSSLESS, "jpeg"])
def test_a_scan_may_be_compressed(compression: str | None) -> None:
    options = {"compression": compression, "quality": 95} if compression == "jpeg" else {"compression": compression}
    assert difference(decode(encoded(scene(), "TIFF", **options), LIMITS), scene()) < 12


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_taken_and_told(kind: str) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "lime", "blue")]
    sent = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert inspect(sent, LIMITS).more == "frames"
    assert difference(decode(sent, LIMITS).convert("RGB"), frames[0]) < 3
    assert inspect(portable(sent, LIMITS), LIMITS).more == ""


def test_of_a_scan_of_several_pages_the_first_is_taken_and_told() -> None:
    sent = encoded(scene(), "TIFF", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    assert inspect(sent, LIMITS).more == "pages"
    assert difference(decode(sent, LIMITS), scene()) < 1


def test_a_small_copy_within_a_scan_is_no_page() -> None:
    copy = Image.new("RGB", (16, 12))
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    out = io.BytesIO()
    scene().save(out, "TIFF", save_all=True, append_images=[copy])
    assert inspect(file(out.getvalue()), LIMITS).more == ""


def archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(name, "text")
    return out.getvalue()


OTHERS = {
    "pdf": b"%PDF-1.7 ", "psd": b"8BPS\0\1", "drawing": b"<?xml version='1.0'?><svg/>", "web_page": b"<html><body>",
    "zip": archive("photo.jpg"), "office": archive("word/document.xml"), "video": b"\0\0\0\x18ftypmp42",
    "sound": b"#!AMR", "camera_raw": b"FUJIFILMCCD-RAW ", "rare_picture": b"\xff\x0a", "unknown": b"hello, how are you",
}  # fmt: skip
MORE = [
    (b"%!PS-Adobe-3.0 EPSF-3.0", "drawing"), (b"\xef\xbb\xbf <svg xmlns=''>", "drawing"),
    (b"RIFF\1\0\0\0CDR9", "drawing"),
    (b"Rar!\x1a\7", "zip"), (b"7z\xbc\xaf\x27\x1c", "zip"), (archive("ppt/slides.xml"), "office"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1", "office"), (b"\0\0\0\x14ftypqt  ", "video"), (b"RIFF\1\0\0\0AVI ", "video"),
    (b"\x1aE\xdf\xa3", "video"), (b"\0\0\0\x18ftypcrx ", "camera_raw"), (b"\0\0\0\x0cJXL ", "rare_picture"),
    (b"  <!DOCTYPE html>", "web_page"), (b"RIFF\1\0\0\0WAVE", "sound"), (bytes(range(7, 200)), "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "kind"), [*((data, kind) for kind, data in OTHERS.items()), *MORE])
def test_what_is_no_picture_is_refused_with_what_helps(data: bytes, kind: str) -> None:
    error = refused(data + b"\0" * 64)
    assert error.reason == f"is_{kind}"
    for language in ("zh", "en"):
        assert len(TEXTS[language].say(error.told)) > 15


def test_every_refusal_says_what_helps_in_its_own_words() -> None:
    said = [TEXTS["zh"].text(f"picture.is_{kind}", {}) for kind in OTHERS]
    assert len(set(said)) == len(said)
    assert all(any(help_ in words for help_ in ("另存", "截图", "导出", "解压", "保存", "发过来")) for words in said)


@pytest.mark.parametrize("start", [b"GIF89a", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypavif"])
def test_a_broken_picture_of_a_known_kind_is_called_broken(start: bytes) -> None:
    assert refused(start + b"\0" * 300).reason == "damaged"


@pytest.mark.parametrize("kind", ["AVIF", "GIF", "BMP", "TIFF", "HEIC"])
def test_a_cut_off_picture_of_any_kind_is_refused(kind: str) -> None:
    data = PHONE_PHOTO if kind == "HEIC" else encoded(scene(256, 192), kind).data
    assert refused(data[: len(data) // 2]).reason == "damaged"


def test_a_raw_file_of_a_camera_is_not_taken_for_its_preview() -> None:
    for tags in ({50706: b"\1\4\0\0"}, {330: 8, 271: "NIKON"}):
        assert refused(encoded(scene(), "TIFF", tiffinfo=tags).data).reason == "is_camera_raw"


def test_scans_hidden_in_a_tiff_are_counted_before_decoding() -> None:
    data = encoded(Image.new("RGB", (64, 48), "grey"), "TIFF", compression="jpeg").data
    with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as image:
        start, length = image.tag_v2[273][0], image.tag_v2[279][0]
    moved = data + data[start : start + length] + b"\xff\xda\0\0" * 60
    for tag, value in ((273, len(data)), (279, length + 240)):
        entry = data.index(struct.pack("<HHI", tag, 4, 1))
        moved = moved[: entry + 8] + struct.pack("<I", value) + moved[entry + 12 :]
    assert refused(moved).reason == "too_many_scans"


@pytest.mark.parametrize("kind", ["BMP", "TIFF"])
def test_an_unpacked_picture_that_is_too_large_hears_that_a_jpeg_is_smaller(kind: str) -> None:
    error = refused(encoded(scene(256, 256), kind).data, Limits(max_bytes=100_000))
    assert "JPEG" in TEXTS["zh"].say(error.told)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_the_resolution_is_kept(kind: str) -> None:
    sent = encoded(scene(), kind, dpi=(300, 300))
    result = like(sent, decode(sent, LIMITS))
    assert round(float(opened(result).info["dpi"][0])) == 300


@pytest.mark.parametrize("dpi", [(0, 0), (1, 1), (5_000_000, 5_000_000)])
def test_a_resolution_that_means_nothing_is_dropped(dpi: tuple[int, int]) -> None:
    assert "dpi" not in decode(encoded(scene(), "TIFF", dpi=dpi), LIMITS).info


def test_a_grey_picture_stays_one() -> None:
    for kind in ("JPEG", "PNG"):
        sent = encoded(scene(mode="L"), kind)
        assert opened(like(sent, decode(sent, LIMITS))).mode == "L"


def test_the_history_keeps_what_browsers_show(tmp_path: Path) -> None:
    sent, copy, small = (tmp_path / name for name in ("sent", "copy", "small"))
    sent.write_bytes(PHONE_PHOTO)
    assert keep_file(str(sent), str(copy), str(small), LIMITS).content_type == "image/jpeg"
