"""Encrypts what Temporal stores: inputs, results, messages, summaries and failures, by AES-256-GCM.

A payload is compressed before it is encrypted, because ciphertext cannot be. Most payloads have the same fields, so
zlib is given their names in advance (`payload_shapes.txt`); a small payload is then 40 % smaller.
"""

import os
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError, Message
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, PayloadCodec

ENCRYPTED = b"binary/encrypted"  # Temporal's samples, and the Web UI, use the same two names
KEY_ID = "encryption-key-id"
IN_CLEAR = "clear"  # in place of the first key: encrypt nothing, but decrypt
NONCE_BYTES, LARGEST = 12, 32 * 1024 * 1024
# Payloads that were compressed with it can only be read with it: never change it. A better one is a second file.
SHAPES = Path(__file__).with_name("payload_shapes.txt").read_bytes()
_NAMED_KEY = re.compile(r"(?P<id>[A-Za-z0-9_.-]{1,40}):(?P<key>[0-9a-fA-F]{64})")

Keys = Mapping[str, bytes]


class KeyMissing(ConnectionError):
    """A payload is encrypted with a key that this process does not have."""


def keys_from(text: str) -> dict[str, bytes]:
    """Return the keys by id, the one that encrypts first, of `ID:64 hexadecimal digits`, comma-separated.

    `clear` in the first place stands for no key. Raises ValueError, without any part of a key.
    """
    keys: dict[str, bytes] = {}
    for place, entry in enumerate(text.replace(" ", "").split(",") if text.strip() else ()):
        named = _NAMED_KEY.fullmatch(entry)
        if entry == IN_CLEAR and place == 0:
            keys[IN_CLEAR] = b""
        elif named is None:
            raise ValueError(f"entry {place + 1} is not ID:KEY with 64 hexadecimal digits (`openssl rand -hex 32`)")
        elif named["id"] in keys or named["id"] == IN_CLEAR:
            raise ValueError(f"entry {place + 1} has the id of another")
        else:
            keys[named["id"]] = bytes.fromhex(named["key"])
    return keys


class EncryptionCodec(PayloadCodec):
    """Encrypts with the first of its keys, and decrypts with any."""

    def __init__(self, keys: Keys) -> None:
        """Take the keys as `keys_from` returns them: at least one entry."""
        self._current = next(iter(keys))
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items() if key_id != IN_CLEAR}

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Return the payloads, encrypted unless the first key is `clear`."""
        return [self._encrypted(one) if self._current != IN_CLEAR else one for one in payloads]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        """Return the payloads as they were before; what nobody encrypted, or somebody changed, is returned untouched.

        Raises KeyMissing. A workflow task then fails and is retried until the key is there. Reading the payload as
        it is would record a payment as a malformed message, for good.
        """
        return [self._decrypted(one) for one in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce, key_id = os.urandom(NONCE_BYTES), self._current.encode()
        data = self._ciphers[self._current].encrypt(nonce, _compressed(payload.SerializeToString()), key_id)
        return Payload(metadata={"encoding": ENCRYPTED, KEY_ID: key_id}, data=nonce + data)

    def _decrypted(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get(KEY_ID, b"")
        if payload.metadata.get("encoding") != ENCRYPTED or not key_id:
            return payload
        cipher = self._ciphers.get(key_id.decode(errors="replace"))
        if cipher is None:
            raise KeyMissing(f"PAYLOAD_KEYS lacks the key {key_id.decode(errors='replace')[:40]!r}")
        nonce, data = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(_decompressed(cipher.decrypt(nonce, data, key_id)))
        except (InvalidTag, ValueError, zlib.error, DecodeError):
            return payload


def _compressed(data: bytes) -> bytes:
    packer = zlib.compressobj(zdict=SHAPES)
    return packer.compress(data) + packer.flush()


def _decompressed(data: bytes) -> bytes:
    """Return the bytes. Raises zlib.error if they are more than a payload can have, or not compressed by us."""
    unpacker = zlib.decompressobj(zdict=SHAPES)
    unpacked = unpacker.decompress(data, LARGEST)
    if not unpacker.eof:
        raise zlib.error("too large or cut off")
    return unpacked


async def decode_all(message: Message, converter: DataConverter) -> None:
    """Decode all payloads and failures in a message of Temporal's API, such as a history event, in place.

    The SDK does this for results and inputs, but not for histories. Raises KeyMissing.
    """
    codec = converter.payload_codec
    if codec is None:
        return
    if isinstance(message, Payload):
        message.CopyFrom((await codec.decode([message]))[0])
        return
    for part in _parts(message):
        await decode_all(part, converter)
    if isinstance(message, Failure) and message.HasField("encoded_attributes"):
        _fill_in(message, converter)


def _fill_in(failure: Failure, converter: DataConverter) -> None:
    common = converter.payload_converter.from_payload(failure.encoded_attributes)
    if isinstance(common, dict):
        failure.message = str(common.get("message", failure.message))
        failure.stack_trace = str(common.get("stack_trace", ""))
        failure.ClearField("encoded_attributes")


def _parts(message: Message) -> Iterable[Message]:
    for field, value in message.ListFields():
        if field.name == "search_attributes" or field.message_type is None:  # the former are never encoded
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                yield from value.values()
        elif field.is_repeated:
            yield from value
        else:
            yield value
