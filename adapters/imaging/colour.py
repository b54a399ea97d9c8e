"""Colour profiles: reading them, and converting pictures between them."""

import io
from typing import Any

from PIL import Image, ImageCms

LARGEST = 2**20  # bytes of a profile that Pillow reads from a PNG
UNSOUND = (ImageCms.PyCMSError, OSError, ValueError, TypeError)  # what Pillow raises for an invalid profile


def cmyk_to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a CMYK picture to sRGB, by its own profile if that is valid."""
    if profile:
        converted = _converted(image, profile, None)
        if converted is not None:
            return converted
    return image.convert("RGB")


def grey_to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert a grey picture to sRGB, by its own profile if that is a valid one of grey."""
    try:
        is_grey = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "GRAY"
    except UNSOUND:
        is_grey = False
    converted = _converted(image, profile, None) if is_grey else None
    return image.convert("RGB") if converted is None else converted


def lab_to_srgb(image: Image.Image) -> Image.Image:
    """Convert a CIELAB picture, as some scanners write it, to sRGB."""
    source, target = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image.convert("L").convert("RGB")


def sound_profile(profile: bytes | None) -> bytes | None:
    """Return the profile if it is a valid RGB profile, else None."""
    if not profile or len(profile) > LARGEST:
        return None
    try:
        is_rgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "RGB"
        ImageCms.buildTransform(_profile(profile), _profile(None), "RGB", "RGB")
    except UNSOUND:
        return None
    return profile if is_rgb else None


def to_srgb(image: Image.Image) -> Image.Image:
    """Return the picture in sRGB, as screens and formats without profiles expect it."""
    return to_profile(image, None)


def to_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a picture from its own profile (sRGB if it has none) to another; None is sRGB."""
    own = image.info.get("icc_profile")
    if own == profile:
        return image
    converted = _converted(image, own, profile)
    if converted is None:
        return image  # the profile is invalid: keep the values
    converted.info = {"icc_profile": profile} if profile else {}
    return converted


def _converted(image: Image.Image, source: bytes | None, target: bytes | None) -> Image.Image | None:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        return ImageCms.profileToProfile(image, _profile(source), _profile(target), outputMode=mode)
    except UNSOUND:
        return None


def _profile(data: bytes | None) -> Any:
    return io.BytesIO(data) if data else ImageCms.createProfile("sRGB")
