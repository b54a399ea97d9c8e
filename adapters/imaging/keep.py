"""A user's picture for the task history: a decoded copy without private metadata, and a small JPEG of it."""

from pathlib import Path

from adapters.imaging.decode import decode_upload
from adapters.imaging.encode import as_jpeg, as_png, as_webp
from adapters.imaging.kept import KeptPicture
from adapters.imaging.labels import AiLabel, labelled, read
from adapters.imaging.limits import Limits
from adapters.imaging.preview import fitted

LONG_SIDE = 480  # pixels of a thumbnail
QUALITY = 80
WRITERS = {"image/jpeg": as_jpeg, "image/png": as_png, "image/webp": as_webp}


def keep_file(path: str, copy: str, thumbnail: str, limits: Limits, declared: AiLabel | None = None) -> KeptPicture:
    """Prove a picture on disk by decoding it wholly, and write a copy and a thumbnail. Raises PictureUnreadable.

    The copy keeps the format, the pixels (upright) and the colour profile. Nothing else of the file survives: neither
    a place nor a device, nor what was hidden behind the pixels. Only an AI label is kept; without one, the copy gets
    the one that its sender has `declared`.
    """
    data = Path(path).read_bytes()
    picture, content_type = decode_upload(data, limits)
    label = read(data) or declared
    kept = labelled(WRITERS[content_type](picture), label)
    small = labelled(as_jpeg(fitted(picture, LONG_SIDE, LONG_SIDE), quality=QUALITY), label)
    Path(copy).write_bytes(kept.data)
    Path(thumbnail).write_bytes(small.data)
    return KeptPicture(kept.content_type, picture.width, picture.height, len(kept.data), len(small.data))
