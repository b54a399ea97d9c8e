"""The copy that strangers see: the pixels, and nothing that tells whose they are."""

import io

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from adapters.imaging.clean import LONG_SIDE, clean
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import Limits
from domain.library.photos import MOST_DISTANCE, distance
from domain.ports import EncodedImage
from tests.unit.adapters.imaging.test_likeness import PHOTOS

SECRETS = (b"Wang Fang", b"39.9042", b"iPhone", b"Exif", b"http://ns.adobe.com", b"a comment", b"Device of")


def with_everything(kind: str) -> EncodedImage:
    """A photograph with EXIF, GPS, XMP, a comment and a profile that names its device."""
    picture = Image.open(PHOTOS / "coffee.jpg").convert("RGB")
    exif = Image.Exif()
    exif[0x013B], exif[0x0110], exif[0x010E] = "Wang Fang", "iPhone of Wang Fang", "39.9042"
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 15.0), 3: "E", 4: (116.0, 24.0, 26.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"Device of Wang Fang"
    out = io.BytesIO()
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "Wang Fang")
        picture.save(out, kind, exif=exif, icc_profile=profile, pnginfo=text)
    else:
        xmp = b"<x:xmpmeta xmlns:x='http://ns.adobe.com/'>Wang Fang</x:xmpmeta>"
        picture.save(out, kind, exif=exif, icc_profile=profile, xmp=xmp, comment=b"a comment")
    return EncodedImage(out.getvalue(), f"image/{kind.lower()}")


def test_no_metadata_is_left() -> None:
    for kind in ("JPEG", "PNG"):
        whole = with_everything(kind)
        assert b"Wang Fang" in whole.data
        copy = clean(whole, Limits())
        assert copy.content_type == "image/jpeg"
        assert not [secret for secret in SECRETS if secret in copy.data]
        opened = Image.open(io.BytesIO(copy.data))
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_it_is_still_the_same_picture() -> None:
    whole = with_everything("JPEG")
    first, second = (Image.open(io.BytesIO(each.data)) for each in (whole, clean(whole, Limits())))
    assert distance(likeness(first), likeness(second)) <= MOST_DISTANCE


def test_it_is_no_larger_than_people_look_at() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1000, 3000, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG", compress_level=1)
    copy = clean(EncodedImage(out.getvalue(), "image/png"), Limits())
    assert Image.open(io.BytesIO(copy.data)).width == LONG_SIDE
