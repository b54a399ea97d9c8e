"""Content Credentials (C2PA): a manifest signed by the shop's own certificate, which proves who made a file and how.

The signature covers every byte, so nothing may change the file afterwards. c2pa-python is loaded only if a certificate
is set.
"""

import io
import json
from dataclasses import dataclass, field

from adapters.imaging.labels.packet import SOURCE_TYPES, AiLabel
from domain.ports import EncodedImage
from domain.vocabulary.errors import OutsideRefused

SIGNED = {"image/jpeg", "image/png", "image/webp", "image/tiff", "image/svg+xml"}  # a PSD has no place for it
TITLE = "Darkroom"


@dataclass(frozen=True)
class Credentials:
    """The shop's certificate with those above it, and its private key, as PEM; the key is an ECDSA one on P-256."""

    certificates: str
    key: str = field(repr=False)


def signed(file: EncodedImage, label: AiLabel | None, credentials: Credentials | None) -> EncodedImage:
    """Return a labelled file with its manifest; unchanged without label or credentials. Raises OutsideRefused."""
    if label is None or credentials is None or file.content_type not in SIGNED:
        return file
    import c2pa  # noqa: PLC0415 - a large library, for the shops that have a certificate

    info = c2pa.C2paSignerInfo(b"es256", credentials.certificates.encode(), credentials.key.encode(), None)
    out = io.BytesIO()
    try:
        signer = c2pa.Signer.from_info(info)
        c2pa.Builder(json.dumps(_manifest(label))).sign(signer, file.content_type, io.BytesIO(file.data), out)
    except c2pa.C2paError as error:
        raise OutsideRefused(f"cannot sign with C2PA_CERTIFICATE and C2PA_KEY: {error}"[:300]) from error
    return EncodedImage(out.getvalue(), file.content_type)


def _manifest(label: AiLabel) -> dict[str, object]:
    made = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + label.source_type}
    return {
        "claim_generator_info": [{"name": TITLE}],
        "title": label.ProduceID,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [made]}}],
    }
