"""The XMP packet of a label: written whole, and read from whatever other programs write."""

import json
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from domain.vocabulary.provenance import Provenance

AIGC = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
BY_MODELS = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
PERHAPS = "2"
LARGEST = 2**20  # bytes of a packet that is read
# The begin attribute holds the byte order mark by which readers find the encoding.
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f'<rdf:Description rdf:about="" xmlns:TC260="{AIGC}" xmlns:Iptc4xmpExt="{IPTC}">{{properties}}'
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


@dataclass(frozen=True)
class AiLabel:
    """The seven fields of the standard, under their own names, and the IPTC's source type (its last part)."""

    Label: str = "1"  # 1: made by a model, 2: perhaps, 3: suspected
    ContentProducer: str = ""
    ProduceID: str = ""
    ReservedCode1: str = ""
    ContentPropagator: str = ""
    PropagateID: str = ""
    ReservedCode2: str = ""
    source_type: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """The seven fields, in the standard's order."""
        return {name: value for name, value in vars(self).items() if name != "source_type"}


def label_of(made_by: Provenance, producer: str) -> AiLabel:
    """Return the label of a picture that a model made for the shop, which also sends it to the customer.

    A picture from elsewhere has only a propagator, and is labelled as one that a model may have made.
    """
    if made_by.is_declared:
        return AiLabel(Label=PERHAPS, ContentPropagator=producer, PropagateID=made_by.produce_id)
    return AiLabel(
        ContentProducer=producer,
        ProduceID=made_by.produce_id,
        ContentPropagator=producer,
        PropagateID=made_by.produce_id,
        source_type=made_by.source,
    )


FIELDS = tuple(AiLabel().fields)


def written(label: AiLabel) -> bytes:
    """Return the packet of a label."""
    text = escape(json.dumps(label.fields, ensure_ascii=False, separators=(",", ":")), {'"': "&quot;"})
    properties = f"<TC260:AIGC>{text}</TC260:AIGC>"
    if label.source_type:
        uri = escape(SOURCE_TYPES + label.source_type)
        properties += f"<Iptc4xmpExt:DigitalSourceType>{uri}</Iptc4xmpExt:DigitalSourceType>"
    return PACKET.format(properties=properties).encode()


def read(packet: bytes) -> AiLabel | None:
    """Return the label in a packet, or None; a source type of the IPTC that names a model counts as one."""
    if len(packet) > LARGEST or b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return None
    try:
        root = ET.fromstring(packet.strip(b"\0 \t\r\n"))  # noqa: S314 - no document type, and small
    except ET.ParseError:
        return None
    source_type = (_property(root, IPTC, "DigitalSourceType") or "").rpartition("/")[2]
    fields = _fields(_property(root, AIGC, "AIGC"))
    if fields is None and source_type not in BY_MODELS:
        return None
    return AiLabel(**(fields or {}), source_type=source_type)


def _property(root: ET.Element, namespace: str, name: str) -> str | None:
    """Return a property's text: XMP may write it as an element or as an attribute."""
    full = f"{{{namespace}}}{name}"
    for element in root.iter():
        if element.tag == full:
            return "".join(element.itertext()).strip()
        if full in element.attrib:
            return element.attrib[full]
    return None


def _fields(text: str | None) -> dict[str, str] | None:
    """Return the fields of the standard in a JSON text, which some programs wrap in another object."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return None
    if isinstance(found, dict) and isinstance(found.get("AIGC"), dict):
        found = found["AIGC"]
    if not isinstance(found, dict) or "Label" not in found:
        return None
    return {name: str(found.get(name) or "") for name in FIELDS}
