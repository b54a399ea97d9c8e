"""A label, and readers of labels that know nothing of ours: Pillow, psd-tools and a plain XML parser."""

import io
import json
from xml.etree import ElementTree as ET

from PIL import Image, TiffImagePlugin
from psd_tools import PSDImage
from psd_tools.constants import Resource

from adapters.imaging.labels import AiLabel, labelled
from domain.ports import EncodedImage

LABEL = AiLabel(
    ContentProducer="001191110108MA01KP2T5U00001", ProduceID="TASK_20261122_7K3F9Q_1-A2",
    ContentPropagator='图·"修" <图> & 店', PropagateID="TASK_20261122_7K3F9Q_1-A2",
    source_type="compositeWithTrainedAlgorithmicMedia",
)  # fmt: skip
FIELDS = {
    "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2",
}  # fmt: skip
AIGC = "{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"


def packet_by_others(data: bytes) -> bytes:
    """What Pillow, psd-tools or a plain XML parser finds."""
    if data.startswith(b"8BPS"):
        found: bytes = PSDImage.open(io.BytesIO(data)).image_resources[Resource.XMP_METADATA].data
        return found
    if b"<svg" in data:
        return ET.tostring(ET.fromstring(data))
    image = Image.open(io.BytesIO(data))
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tag: bytes = image.tag_v2[700]
        return tag
    return bytes(image.info["xmp"]) if isinstance(image.info["xmp"], bytes) else image.info["xmp"].encode()


def label_by_others(data: bytes) -> tuple[dict[str, str], str]:
    """The fields and the source type, by a plain XML parser."""
    root = ET.fromstring(packet_by_others(data))
    (aigc,), (source,) = root.findall(f".//{AIGC}"), root.findall(f".//{SOURCE_TYPE}")
    return json.loads(aigc.text or ""), source.text or ""


def with_label(data: bytes, label: AiLabel = LABEL) -> bytes:
    return labelled(EncodedImage(data, "image/x"), label).data
