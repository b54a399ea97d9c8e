"""A user's picture for the task history: a decoded copy without private metadata, and a small JPEG of it."""

from pathlib import Path

from adapters.imaging.decode import decode_upload
from adapters.imaging.encode import as_jpeg
from adapters.imaging.kept import KeptPicture
from adapters.imaging.labels import AiLabel, labelled, read
from adapters.imaging.limits import Limits
from adapters.imaging.portable import portable_file
from adapters.imaging.preview import fitted

LONG_SIDE = 480  # pixels of a thumbnail
QUALITY = 80


def keep_file(path: str, copy: str, thumbnail: str, limits: Limits, declared: AiLabel | None = None) -> KeptPicture:
    """Prove a picture on disk by decoding it wholly, and write a copy and a thumbnail. Raises PictureUnreadable.

    The copy keeps the format if browsers show it, the pixels (upright), the colour profile and the resolution. Nothing
    else of the file survives: neither a place nor a device, nor what was hidden behind the pixels. Only an AI label is
    kept; without one, the copy gets the one that its sender has `declared`.
    """
    data = Path(path).read_bytes()
    found = decode_upload(data, limits)
    picture, label = found.picture, read(data) or declared
    kept = labelled(portable_file(found), label)
    small = labelled(as_jpeg(fitted(picture, LONG_SIDE, LONG_SIDE), quality=QUALITY), label)
    Path(copy).write_bytes(kept.data)
    Path(thumbnail).write_bytes(small.data)
    return KeptPicture(kept.content_type, picture.width, picture.height, len(kept.data), len(small.data))
