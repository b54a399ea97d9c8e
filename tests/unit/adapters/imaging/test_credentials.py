"""Content Credentials: a manifest signed by the shop's own certificate, which another reader finds valid."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from adapters.imaging.finish import finish
from adapters.imaging.labels.credentials import Credentials, signed
from adapters.imaging.labels.visible import with_visible_label
from adapters.imaging.limits import Limits
from domain.ports import EncodedImage, Wish
from domain.vocabulary.errors import OutsideRefused
from domain.vocabulary.pictures import Operation
from tests.unit.adapters.imaging.labels import LABEL, label_by_others, with_label
from tests.unit.adapters.imaging.pictures import encoded, photograph, scene

PHOTO = encoded(photograph("chelsea.png"), "JPEG", quality=95)
USES = ("digital_signature", "key_cert_sign", "crl_sign")
OTHER_USES = (
    "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only",
)  # fmt: skip


def _certificate(name: str, issuer: str, key: Any, by: Any, *, is_authority: bool) -> x509.Certificate:
    def named(common: str) -> x509.Name:
        names = {NameOID.COMMON_NAME: common, NameOID.ORGANIZATION_NAME: "Shop"}
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in names.items()])

    uses = {use: is_authority or use == "digital_signature" for use in USES} | dict.fromkeys(OTHER_USES, False)
    built = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**uses), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
        built = built.add_extension(usage, critical=False).add_extension(above, critical=False)
    return built.sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    above, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    chain = [
        _certificate("shop", "authority", own, above, is_authority=False),
        _certificate("authority", "authority", above, above, is_authority=True),
    ]
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Credentials("".join(one.public_bytes(pem).decode() for one in chain), key.decode())


def manifest_of(file: EncodedImage) -> tuple[str, dict[str, Any]]:
    """Whether the manifest is valid, and the manifest."""
    found = json.loads(c2pa.Reader(file.content_type, io.BytesIO(file.data)).json())
    return found["validation_state"], found["manifests"][found["active_manifest"]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_signed_file_keeps_its_label_and_tells_how_it_was_made(kind: str, credentials: Credentials) -> None:
    file = encoded(scene(), kind)
    file = signed(replace(file, data=with_label(file.data)), LABEL, credentials)
    state, manifest = manifest_of(file)
    assert (state, manifest["title"]) == ("Valid", LABEL.ProduceID)
    assert "compositeWithTrainedAlgorithmicMedia" in json.dumps(manifest["assertions"])
    assert label_by_others(file.data)[0] == LABEL.fields


@pytest.mark.parametrize("operation", [Operation.ENHANCE, Operation.EDIT, Operation.VECTORIZE])
def test_what_is_delivered_is_signed_with_and_without_the_visible_label(
    operation: Operation, credentials: Credentials
) -> None:
    made = finish(PHOTO, PHOTO, Wish(operation, ""), Limits(), LABEL, credentials)
    for file in (made.file, with_visible_label(made.file, credentials)):
        assert manifest_of(file)[0] == "Valid"
        assert label_by_others(file.data)[0] == LABEL.fields


def test_nothing_is_signed_without_a_certificate_a_label_or_a_place(credentials: Credentials) -> None:
    layers = EncodedImage(b"8BPS", "image/vnd.adobe.photoshop")
    assert signed(PHOTO, LABEL, None) == signed(PHOTO, None, credentials) == PHOTO
    assert signed(layers, LABEL, credentials) == layers


def test_a_certificate_that_does_not_work_is_staffs_to_replace(credentials: Credentials) -> None:
    with pytest.raises(OutsideRefused, match="C2PA_CERTIFICATE"):
        signed(PHOTO, LABEL, replace(credentials, key="none"))
    assert credentials.key not in repr(credentials)
