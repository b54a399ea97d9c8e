"""Pictures as programs, telephones and jokers write them, made on the spot."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image, ImageCms

from tests.unit.adapters.imaging.pictures import encoded, scene

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ORIENTATION = 0x0112
Tag = tuple[int, int, int, bytes]  # number, type, count, and the four bytes of its value


def exif(*tags: Tag, orientation: int = 6) -> bytes:
    """EXIF with an orientation, and tags as they are given, whatever their types should be."""
    own = (ORIENTATION, 3, 1, struct.pack("<HH", orientation, 0))
    entries = b"".join(struct.pack("<HHI", *tag[:3]) + tag[3] for tag in sorted([own, *tags]))
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(tags) + 1) + entries + struct.pack("<I", 0) + b"words" * 8


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, rows: int | None = None) -> bytes:
    """A white PNG whose data hold `rows` rows, whatever its header says."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compressobj(1)
    data = b"".join([*(packed.compress(b"\0" + b"\xff" * width) for _ in range(rows or height)), packed.flush()])
    return SIGNATURE + b"".join([chunk(b"IHDR", header), *chunks, chunk(b"IDAT", data), chunk(b"IEND", b"")])


def interlaced(width: int, height: int, lacking: int = 0) -> bytes:
    """A grey interlaced PNG in seven passes, as the format's specification draws them."""
    lattice = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"]
    rows = []
    for number in "1234567":
        counts = [sum(lattice[y % 8][x % 8] == number for x in range(width)) for y in range(height)]
        rows += [b"\0" + b"\x80" * count for count in counts if count]
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    data = zlib.compress(b"".join(rows)[: -lacking or None])
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def with_scans(scans: int, side: int = 256) -> bytes:
    """A progressive JPEG whose last scan, which adds nothing, is there so many times more."""
    data = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=50).data
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * scans + b"\xff\xd9"


def with_segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment of this marker, at its beginning."""
    data = encoded(scene(), "JPEG").data
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + data[2:]


def profile() -> bytes:
    """A sound colour profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def odd_pngs() -> Iterator[tuple[str, bytes]]:
    """Sound PNGs with chunks that may say anything."""
    megabytes = b"word" * 2**19
    yield "text of 2 MB", png(64, 48, chunk(b"tEXt", b"Comment\0" + megabytes))
    yield "packed text of 2 MB", png(64, 48, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(megabytes)))
    yield "packed text of 200 MB", png(64, 48, *[chunk(b"zTXt", b"C\0\0" + zlib.compress(megabytes * 5))] * 20)
    yield "packed UTF-8 of 2 MB", png(64, 48, chunk(b"iTXt", b"C\0\1\0\0\0" + zlib.compress(megabytes)))
    yield "text that is cut off", png(64, 48, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(megabytes)[:99]))
    yield "text without an end", png(64, 48, chunk(b"tEXt", b"C"), chunk(b"iTXt", b""), chunk(b"zTXt", b"C\0\7x"))
    yield "a profile of 2 MB", png(64, 48, chunk(b"iCCP", b"p\0\0" + zlib.compress(megabytes)))
    yield "a profile that is none", png(64, 48, chunk(b"iCCP", b"p\0\0" + zlib.compress(b"none")))
    yield "a profile not packed", png(64, 48, chunk(b"iCCP", b"p\0\0" + profile()))
    yield "a profile without a name", png(64, 48, chunk(b"iCCP", b"p"))
    yield "EXIF that is none", png(64, 48, chunk(b"eXIf", b"none"))
    yield "raw EXIF in text", png(64, 48, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n9\nz")))
    yield "private chunks", png(64, 48, *[chunk(b"prVt", b"x" * 999)] * 999)
    yield "a time of year 0", png(64, 48, chunk(b"tIME", b"\0" * 7))
    yield "no resolution", png(64, 48, chunk(b"pHYs", b"\0" * 9))
    yield "bytes behind its end", png(64, 48) + b"PK\x03\x04" * 1000


def odd_jpegs() -> Iterator[tuple[str, bytes]]:
    """Sound JPEGs with segments that may say anything."""
    yield "EXIF that is none", with_segment(0xE1, b"Exif\0\0none")
    yield "EXIF that points behind its end", with_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 2**31))
    yield "EXIF that counts 65,535 tags", with_segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IH", 8, 65535))
    yield "EXIF that points at itself", with_segment(0xE1, exif((0x8769, 4, 1, struct.pack("<I", 8))))
    yield "XMP that is none", with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<tiff:Orientation>x")
    yield "Photoshop's resources cut off", with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\xff\xff")
    yield "an index of pictures that is none", with_segment(0xE2, b"MPF\0II*\0" + b"\xff" * 40)
    yield "Adobe's segment cut off", with_segment(0xEE, b"Adobe")
    yield "a comment in no language", with_segment(0xFE, bytes(range(256)) * 200)
    yield "a thumbnail with scans of its own", with_segment(0xE1, exif(orientation=1) + b"\xff\xda\0\2" * 99)
    profiles = {"none": b"none", "too large": profile() * 9999, "of CMYK": b"x" * 16 + b"CMYK" + b"x" * 200}
    for name, icc in profiles.items():
        yield f"a profile that is {name}", encoded(scene(), "JPEG", icc_profile=icc).data
    yield "bytes behind its end", encoded(scene(), "JPEG").data + b"<html>" * 1000
    yield "no end marker", encoded(scene(), "JPEG").data[:-2]
    yield "no end marker, progressive", encoded(scene(), "JPEG", progressive=True).data[:-2]
    yield "nothing but padding behind its pixels", encoded(scene(), "JPEG").data[:-2] + b"\0" * 512
    yield "restarts", encoded(scene(), "JPEG", restart_marker_rows=1).data
