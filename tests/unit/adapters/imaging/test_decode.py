import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from adapters.imaging.decode import decode, inspect
from adapters.imaging.encode import as_jpeg, as_png, like
from adapters.imaging.limits import MEBIBYTE, MEGAPIXEL, Limits, exceeding
from domain.ports import EncodedImage
from domain.vocabulary.errors import PictureUnreadable
from tests.unit.adapters.imaging.pictures import encoded, opened, scene

LIMITS = Limits(max_bytes=200_000, max_pixels=10_000)


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def refusal(data: bytes, content_type: str = "image/jpeg") -> str:
    with pytest.raises(PictureUnreadable) as caught:
        inspect(EncodedImage(data, content_type), LIMITS)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_true_type_is_told_whatever_the_sender_said(kind: str) -> None:
    file = encoded(scene(), kind)
    facts = inspect(EncodedImage(file.data, "application/x-lie"), LIMITS)
    assert (facts.content_type, facts.width, facts.height) == (file.content_type, 64, 48)


def test_a_bomb_is_refused_by_its_header_before_a_pixel_is_made() -> None:
    assert "10000 megapixels" in refusal(png_claiming(100_000, 100_000))


@pytest.mark.parametrize(
    ("amount", "unit", "told"),
    [
        (8660 * 5774, MEGAPIXEL, "50.1"),
        (30 * MEBIBYTE + 1, MEBIBYTE, "30.1"),
        (51 * MEGAPIXEL, MEGAPIXEL, "51"),
        (4.6e18, MEGAPIXEL, "4600000000000"),
    ],
)
def test_what_exceeds_a_limit_by_little_does_not_read_like_the_limit(amount: float, unit: int, told: str) -> None:
    assert exceeding(amount, unit) == told


def test_a_picture_slightly_above_the_limit_of_pixels_is_told_so() -> None:
    with pytest.raises(PictureUnreadable, match=r"the image has 50\.1 megapixels \(8660x5774\), the limit is 50"):
        inspect(EncodedImage(png_claiming(8660, 5774), "image/png"), Limits())


def test_a_picture_above_the_limit_of_pixels_is_refused() -> None:
    assert "the limit is 0" in refusal(encoded(scene(128, 128)).data)


def test_a_file_above_the_limit_of_bytes_is_refused() -> None:
    assert "MB" in refusal(b"\xff\xd8" + b"x" * 200_000)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_off_picture_is_refused(kind: str) -> None:
    data = encoded(scene(), kind).data
    assert "send it again" in refusal(data[: len(data) * 2 // 3])


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refusal(b"")


def test_a_web_page_called_jpeg_is_refused_as_what_it_is() -> None:
    assert "web page" in refusal(b"<!DOCTYPE html><html><body>not found</body></html>")


def test_noise_is_refused() -> None:
    assert "known format" in refusal(bytes(range(256)) * 4)


def test_a_single_pixel_is_refused() -> None:
    assert "1x1" in refusal(encoded(scene(1, 1)).data)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    first, second = scene(), Image.new("RGB", (64, 48), "lime")
    file = encoded(first, kind, save_all=True, append_images=[second], duration=100, lossless=True)
    assert np.array_equal(np.asarray(decode(file, LIMITS).convert("RGB")), np.asarray(first))


def test_cmyk_becomes_rgb() -> None:
    picture = decode(encoded(scene().convert("CMYK"), "JPEG", quality=95), LIMITS)
    assert picture.mode == "RGB"
    assert np.abs(np.asarray(picture, int) - np.asarray(scene(), int)).mean() < 12


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    shades = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    picture = decode(encoded(Image.fromarray(shades)), LIMITS)
    values = np.asarray(picture)[..., 0]
    assert picture.mode == "RGB"
    assert np.array_equal(values, (shades >> 8).astype(np.uint8))


def test_a_palette_with_transparency_becomes_rgba() -> None:
    clear = scene().convert("P")
    picture = decode(encoded(clear, transparency=clear.getpixel((0, 0))), LIMITS)
    assert picture.mode == "RGBA"


def test_an_alpha_channel_that_hides_nothing_is_dropped() -> None:
    assert decode(encoded(scene(mode="RGBA")), LIMITS).mode == "RGB"


def test_a_picture_turned_by_exif_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    file = encoded(scene(), "JPEG", exif=exif)
    facts = inspect(file, LIMITS)
    assert (facts.width, facts.height) == (48, 64)
    assert decode(file, LIMITS).size == (48, 64)


def test_results_carry_the_colour_profile_but_no_private_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = encoded(scene(), "JPEG", exif=exif, icc_profile=profile, comment=b"SecretPlace")
    assert b"SecretCamera" in file.data
    for result in (like(file, decode(file, LIMITS)), as_png(decode(file, LIMITS))):
        assert b"Secret" not in result.data
        assert opened(result).info["icc_profile"] == profile


def test_a_jpeg_stays_a_jpeg_unless_it_would_lose_transparency() -> None:
    jpeg = encoded(scene(), "JPEG")
    assert like(jpeg, scene()).content_type == "image/jpeg"
    assert like(jpeg, scene(mode="RGBA")).content_type == "image/png"
    assert like(encoded(scene(), "WEBP"), scene()).content_type == "image/png"


def test_transparency_becomes_white_in_a_jpeg() -> None:
    assert opened(as_jpeg(Image.new("RGBA", (16, 16), (0, 0, 0, 0)))).getpixel((8, 8)) == (255, 255, 255)
