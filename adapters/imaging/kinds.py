"""Tells from its first bytes what a file that is not taken as a picture is, so that its sender hears what helps."""

import re

VIDEO_BRANDS = (b"isom", b"iso2", b"mp4", b"M4V", b"qt", b"3gp", b"avc1", b"MSNV", b"dash")
STARTS = (
    (b"%PDF", "pdf"),
    (b"%!PS", "drawing"),
    (b"\xc5\xd0\xd3\xc6", "drawing"),
    (b"8BPS", "psd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "zip"),
    (b"\x1f\x8b", "zip"),
    (b"\xd0\xcf\x11\xe0", "office"),
    (b"\xff\x0a", "rare_picture"),  # JPEG XL
    (b"\0\0\0\x0cJXL ", "rare_picture"),
    (b"\0\0\0\x0cjP  ", "rare_picture"),  # JPEG 2000
    (b"\xff\x4f\xff\x51", "rare_picture"),
    (b"\0\0\x01\0", "rare_picture"),  # icon
    (b"FUJIFILMCCD-RAW", "camera_raw"),
    (b"IIU\0", "camera_raw"),
    (b"IIRO", "camera_raw"),
    (b"IIRS", "camera_raw"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"FLV", "video"),
    (b"\0\0\x01\xba", "video"),
    (b"ID3", "sound"),
    (b"#!AMR", "sound"),
    (b"#!SILK", "sound"),
    (b"\x02#!SILK", "sound"),
)
OFFICE = re.compile(rb"(?:word|xl|ppt)/|\[Content_Types\]")
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|svg|!--)", re.IGNORECASE)
HEAD = 4096  # bytes


def kind_of(data: bytes) -> str:
    """Return what the data are: the reason to refuse them is `is_` and this word."""
    head = data[:HEAD]
    if MARKUP.match(head):
        return "drawing" if b"<svg" in head.lower() else "web_page"
    if head[4:8] == b"ftyp":
        return _film(head[8:12])
    if head.startswith(b"RIFF"):
        return {b"AVI ": "video", b"WAVE": "sound"}.get(head[8:12], "drawing" if head[8:11] == b"CDR" else "unknown")
    kind = next((kind for start, kind in STARTS if head.startswith(start)), "unknown")
    if kind == "zip" and OFFICE.search(head):
        return "office"
    return kind


def _film(brand: bytes) -> str:
    if brand == b"crx ":
        return "camera_raw"
    return "video" if brand.startswith(VIDEO_BRANDS) else "unknown"
