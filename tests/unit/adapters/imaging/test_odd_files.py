"""Whatever a file holds, it is taken, or refused with a reason that stands in the table; nothing else comes out."""

import struct
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from adapters.imaging import check, clean, preview, reduce
from adapters.imaging.decode import decode, inspect
from adapters.imaging.encode import as_jpeg, as_png
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, InputLimits, Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.heic import PHONE_PHOTO
from tests.unit.adapters.imaging.odd_files import exif, interlaced, odd_jpegs, odd_pngs, png, with_scans
from tests.unit.adapters.imaging.pictures import encoded, scene

LIMITS = Limits()
ODD = [pytest.param(data, id=name) for name, data in (*odd_pngs(), *odd_jpegs())]
TAGS = {"XResolution": 0x011A, "DateTime": 0x0132, "Make": 0x010F, "Software": 0x0131, "GPS": 0x8825, "Exif": 0x8769,
        "thumbnail": 0x0201, "YCbCrPositioning": 0x0213, "private": 0xC4A5}  # fmt: skip
TYPES = {"none": 0, "text": 2, "short": 3, "rational": 5, "undefined": 7, "float": 11, "of the future": 129}


def file(data: bytes) -> EncodedImage:
    return EncodedImage(data, "application/octet-stream")


def refused(data: bytes) -> PictureUnreadable:
    with pytest.raises(PictureUnreadable) as caught:
        inspect(file(data), LIMITS)
    return caught.value


@pytest.mark.parametrize("data", ODD)
def test_what_stands_beside_the_pixels_makes_no_picture_unreadable(data: bytes) -> None:
    facts = inspect(file(data), LIMITS)
    assert {facts.width, facts.height} == {64, 48}
    picture = decode(file(data), LIMITS)
    for copy in (as_png(picture), as_jpeg(picture), clean.clean(file(data), LIMITS)):
        assert inspect(copy, LIMITS).width == facts.width


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_a_picture_is_turned_whatever_else_its_exif_says(kind: str, tag: int) -> None:
    for of, count in product(TYPES, (0, 1, 2**31)):
        said = exif((tag, TYPES[of], count, struct.pack("<I", 40)))
        assert inspect(encoded(scene(), kind, exif=said), LIMITS).height == 64, (of, count)


@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_is_turned_as_pillow_turns_it(orientation: int) -> None:
    upright = np.asarray(scene())
    turned = {2: np.fliplr(upright), 3: np.rot90(upright, 2), 4: np.flipud(upright), 5: upright.transpose(1, 0, 2),
              6: np.rot90(upright, 3), 7: np.rot90(upright, 2).transpose(1, 0, 2), 8: np.rot90(upright)}  # fmt: skip
    picture = decode(encoded(scene(), exif=exif(orientation=orientation)), LIMITS)
    assert np.array_equal(np.asarray(picture), turned.get(orientation, upright))


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_pixels_is_not_taken_for_one_that_lacks_its_end(kept: float, progressive: bool) -> None:
    data = encoded(scene(256, 192), "JPEG", progressive=progressive).data
    assert refused(data[: int(len(data) * kept)]).reason == "damaged"


@pytest.mark.parametrize(
    ("rows", "reason"), [(1, "wrong_rows"), (24, "wrong_rows"), (47, "wrong_rows"), (49, "damaged"), (96, "damaged")]
)
def test_a_png_with_other_rows_than_its_header_says_is_refused(rows: int, reason: str) -> None:
    assert refused(png(64, 48, rows=rows)).reason == reason


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(16, 16), (17, 33), (64, 48)])
def test_the_rows_of_every_kind_of_png_are_counted_right(mode: str, size: tuple[int, int]) -> None:
    assert inspect(encoded(scene(*size, mode="L").convert(mode)), LIMITS).width == size[0]


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (64, 48), (21, 50)])
def test_the_rows_of_an_interlaced_png_are_counted_by_its_passes(size: tuple[int, int]) -> None:
    assert inspect(file(interlaced(*size)), LIMITS).width == size[0]
    assert refused(interlaced(*size, lacking=1)).reason == "wrong_rows"


@pytest.mark.parametrize(("scans", "is_taken"), [(20, True), (44, True), (45, False), (5000, False)])
def test_a_jpeg_in_very_many_scans_is_refused_before_it_is_decoded(scans: int, is_taken: bool) -> None:
    if is_taken:
        assert inspect(file(with_scans(scans)), LIMITS).width == 256
    else:
        error = refused(with_scans(scans))
        assert (error.reason, error.values["most"]) == ("too_many_scans", 50)


@pytest.mark.parametrize("size", [(65500, 16), (16, 65500), (40, 45000), (16, 3000), (16, 801)])
def test_a_strip_is_refused_at_the_door(size: tuple[int, int]) -> None:
    assert refused(png(*size)).reason == "too_narrow"


def test_a_strip_of_millions_of_rows_is_refused_by_its_header() -> None:
    assert refused(png(16, 3_000_000, rows=1)).reason == "too_narrow"


STRIPS = [(16, 800), (800, 16), (17, 850)]


@pytest.mark.parametrize("size", [*STRIPS, (4000, 80)])
def test_a_strip_that_is_taken_can_be_shown_and_sent(size: tuple[int, int]) -> None:
    strip, limits = encoded(scene(*size)), LIMITS.ours
    assert preview.previews(strip, limits, "mark").web.data
    assert preview.before_after(strip, strip, limits).data
    assert reduce.reduce(strip, InputLimits(most_bytes=100, widest=3), "", limits).data


@pytest.mark.parametrize("size", STRIPS)
@pytest.mark.parametrize("operation", Operation)
def test_a_strip_that_is_taken_can_be_checked(size: tuple[int, int], operation: Operation) -> None:
    strip = encoded(scene(*size))
    assert check.check(strip, strip, strip, Wish(operation, ""), LIMITS.ours).facts["view_size"] == list(size)


def test_a_profile_that_is_kept_can_be_read_and_written_again() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("PNG", "JPEG", "WEBP"):
        kept = decode(encoded(scene(), kind, icc_profile=profile), LIMITS)
        assert kept.info == {"icc_profile": profile}
    assert decode(encoded(scene(mode="L"), "JPEG", icc_profile=profile), LIMITS).info == {"is_grey": True}


SAMPLES = [
    encoded(scene(), "JPEG", exif=exif()).data,
    encoded(scene(), "JPEG", progressive=True).data,
    encoded(scene(mode="L").convert("CMYK"), "JPEG").data,
    encoded(scene(mode="RGBA"), exif=exif()).data,
    encoded(scene().convert("P")).data,
    encoded(scene(), "WEBP", exif=exif()).data,
    encoded(scene(), "AVIF").data,
    encoded(scene(), "TIFF", compression="tiff_lzw").data,
    encoded(scene(), "TIFF", compression="jpeg").data,
    encoded(scene().convert("P"), "GIF", save_all=True, append_images=[Image.new("P", (64, 48))]).data,
    encoded(scene(), "BMP").data,
    PHONE_PHOTO,
    encoded(scene(), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48))]).data,
]


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SAMPLES), st.data())
def test_a_file_with_any_bytes_changed_is_taken_or_refused(sample: bytes, data: st.DataObject) -> None:
    """Two in three changes fall on the head of the file, where what is said of the picture stands."""
    changed = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        last = data.draw(st.sampled_from([60, 400, len(changed) - 1]))
        place, what = data.draw(st.integers(0, min(last, len(changed) - 1))), data.draw(st.binary(max_size=4))
        changed[place : place + data.draw(st.integers(0, 4))] = what
    try:
        inspect(file(bytes(changed)), Limits(max_pixels=1_000_000))
    except PictureUnreadable as error:
        assert TEXTS["zh"].say(error.told) != error.reason  # noqa: PT017 - both ends are right
