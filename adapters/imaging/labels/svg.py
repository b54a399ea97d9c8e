"""The place of an SVG's XMP packet: a metadata element, the first in the drawing."""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from adapters.imaging.labels.edits import PIECE, Buffer, Edit
from adapters.imaging.labels.packet import AIGC

HEAD = 4096  # bytes in which the root element must begin
METADATA = "metadata"
PACKET = re.compile(rb"<x:xmpmeta.*</x:xmpmeta>", re.DOTALL)
SIGNATURE = b' xmlns:c2pa="http://c2pa.org/manifest"'


@dataclass
class Outline:
    """Where the root element's content begins, and where metadata elements lie."""

    inside: int = -1
    metadata: list[tuple[int, int]] = field(default_factory=list)


def is_mine(data: Buffer) -> bool:
    """Whether this is an SVG."""
    return b"<svg" in data[:HEAD] or b":svg" in data[:HEAD]


def find(data: Buffer) -> bytes | None:
    """Return the packet, else the metadata element that holds a label, or None."""
    element = next((data[start:end] for start, end in _outline(data).metadata if _is_label(data, start, end)), None)
    packet = PACKET.search(element or b"")  # alone: a manifest beside it has a prefix of the root's
    return packet[0] if packet else element


def edits(data: Buffer, packet: bytes) -> list[Edit]:
    """Return the changes that put a packet first, in the place of any other. Raises ValueError."""
    outline = _outline(data)
    if outline.inside < 0:
        raise ValueError("an SVG without a drawing")
    old = [Edit(*span) for span in outline.metadata if _is_label(data, *span)]
    signature = data.find(SIGNATURE, 0, outline.inside)  # whose manifest lies in that element, and no longer fits
    if signature >= 0:
        old.append(Edit(signature, signature + len(SIGNATURE)))
    text = packet.decode().partition("?>")[2].rpartition("<?")[0].encode("ascii", "xmlcharrefreplace")
    return [Edit(outline.inside, outline.inside, b"<metadata>" + text + b"</metadata>"), *old]


def _is_label(data: Buffer, start: int, end: int) -> bool:
    return AIGC.encode() in data[start:end]


def _outline(data: Buffer) -> Outline:
    """Read the drawing once, keeping nothing but offsets."""
    outline, depth, begun = Outline(), 0, -1
    parser = expat.ParserCreate()

    def after_root(_text: str) -> None:
        if outline.inside < 0 and depth:
            outline.inside = parser.CurrentByteIndex

    def started(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, begun
        after_root("")
        depth += 1
        if depth == 2 and name.rpartition(":")[2] == METADATA:  # noqa: PLR2004 - a child of the root
            begun = parser.CurrentByteIndex

    def ended(_name: str) -> None:
        nonlocal depth, begun
        depth -= 1
        if depth == 1 and begun >= 0:
            outline.metadata.append((begun, data.find(b">", parser.CurrentByteIndex) + 1))
            begun = -1

    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.DefaultHandler = after_root
    try:
        for place in range(0, len(data), PIECE):
            parser.Parse(data[place : place + PIECE], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return outline
