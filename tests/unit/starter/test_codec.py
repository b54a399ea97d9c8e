"""Encrypted payloads: what comes back, what never leaves in clear, and what is left as it is."""

import copy
import json
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from starter import codec as codecs
from starter.client import CONVERTER, converter_with
from starter.codec import ENCRYPTED, KEY_ID, EncryptionCodec, KeyMissing, decode_all, keys_from

FIRST, SECOND = "2026-12:" + "1f" * 32, "2027-06:" + "2e" * 32
HISTORIES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("tests/histories").glob("*.json"))}


def codec(keys: str = FIRST) -> EncryptionCodec:
    return EncryptionCodec(keys_from(keys))


def payload(data: bytes = b'"wang@example.com"', encoding: bytes = b"json/plain") -> Payload:
    return Payload(metadata={"encoding": encoding}, data=data)


@given(st.binary(max_size=4000), st.dictionaries(st.text(max_size=20), st.binary(max_size=20), max_size=4))
async def test_every_payload_comes_back_as_it_was(data: bytes, metadata: dict[str, bytes]) -> None:
    whole = Payload(metadata=metadata, data=data)
    (sealed,) = await codec().encode([whole])
    assert sealed.metadata["encoding"] == ENCRYPTED
    assert await codec().decode([sealed]) == [whole]


async def test_the_same_payload_never_looks_the_same() -> None:
    sealed = await codec().encode([payload(), payload()])
    assert sealed[0].data != sealed[1].data
    assert b"wang" not in sealed[0].SerializeToString()


async def test_a_payload_of_before_is_returned_untouched() -> None:
    plain = [payload(), Payload(), payload(encoding=b"binary/null"), payload(encoding=ENCRYPTED)]
    assert await codec().decode(plain) == plain


@pytest.mark.parametrize("place", [0, 11, 12, 30, -1])
async def test_a_payload_that_somebody_changed_is_returned_untouched(place: int) -> None:
    (sealed,) = await codec().encode([payload()])
    changed = bytearray(sealed.data)
    changed[place] ^= 1
    sealed.data = bytes(changed)
    assert await codec().decode([sealed]) == [sealed]


@pytest.mark.parametrize("length", [0, 1, 12, 200])
async def test_what_only_claims_to_be_encrypted_is_returned_untouched(length: int) -> None:
    claimed = Payload(metadata={"encoding": ENCRYPTED, KEY_ID: b"2026-12"}, data=os.urandom(length))
    assert await codec().decode([claimed]) == [claimed]


async def test_a_payload_larger_than_any_is_returned_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    (sealed,) = await codec().encode([payload(b"0" * 10_000)])
    monkeypatch.setattr(codecs, "LARGEST", 9_999)
    assert await codec().decode([sealed]) == [sealed]


async def test_after_a_change_of_keys_the_new_one_encrypts_and_both_decrypt() -> None:
    (old,) = await codec(FIRST).encode([payload()])
    both = codec(f"{SECOND},{FIRST}")
    (new,) = await both.encode([payload()])
    assert new.metadata[KEY_ID] == b"2027-06"
    assert await both.decode([old, new]) == [payload(), payload()]


async def test_clear_in_the_first_place_decrypts_only() -> None:
    (sealed,) = await codec().encode([payload()])
    reading = codec(f"clear,{FIRST}")
    assert await reading.encode([payload()]) == [payload()]
    assert await reading.decode([sealed, payload()]) == [payload(), payload()]


async def test_a_payload_of_an_unknown_key_is_not_read_as_garbage() -> None:
    (sealed,) = await codec(SECOND).encode([payload()])
    with pytest.raises(KeyMissing, match="PAYLOAD_KEYS lacks the key '2027-06'"):
        await codec(FIRST).decode([sealed])


@pytest.mark.parametrize(
    "text",
    [
        "k1", "k1:", ":" + "1f" * 32, "k1:" + "1f" * 31, "k1:" + "zz" * 32, f"{FIRST};{SECOND}", f"{FIRST},",
        f"{FIRST},{FIRST}", f"{FIRST},clear", "clear:" + "1f" * 32, "钥匙:" + "1f" * 32, "k 1:" + "1f" * 33,
    ],
)  # fmt: skip
def test_keys_that_are_not_understood_whole_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="entry") as refused:
        keys_from(text)
    assert "1f1f" not in str(refused.value)


def test_the_names_given_to_zlib_never_change() -> None:
    assert zlib.adler32(codecs.SHAPES) == 4201457696, "payloads that were compressed with them can no longer be read"


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_whole_history_is_decoded_in_place(name: str) -> None:
    kept = json.loads(HISTORIES[name])
    history = WorkflowHistory.from_json("order-1", kept.get("history", kept))
    for event in history.events:
        sealed, expected = copy.deepcopy(event), copy.deepcopy(event)
        await _encode_all(sealed)
        await decode_all(sealed, converter_with(keys_from(FIRST)))
        assert sealed == expected


async def _encode_all(message: object) -> None:
    if isinstance(message, Payload):
        message.CopyFrom((await codec().encode([message]))[0])
        return
    for part in codecs._parts(message):  # type: ignore[arg-type]
        await _encode_all(part)


async def failure_of(error: ApplicationError) -> Failure:
    failure = Failure()
    try:
        raise error
    except ApplicationError as raised:
        await converter_with(keys_from(FIRST)).encode_failure(raised, failure)
    return failure


async def test_a_failure_shows_nobody_what_it_says_or_where_it_came_from() -> None:
    failure = await failure_of(ApplicationError("wang@example.com refused", "wang@example.com", type="AddressRefused"))
    assert b"wang" not in failure.SerializeToString()
    assert b"test_codec" not in failure.SerializeToString()
    assert failure.application_failure_info.type == "AddressRefused"
    await decode_all(failure, converter_with(keys_from(FIRST)))
    assert failure.message == "wang@example.com refused"
    assert "failure_of" in failure.stack_trace


async def test_an_encrypted_benign_failure_has_no_stack() -> None:
    failure = await failure_of(ApplicationError("not yet", category=ApplicationErrorCategory.BENIGN))
    await decode_all(failure, converter_with(keys_from(FIRST)))
    assert (failure.message, failure.stack_trace) == ("not yet", "")


async def test_without_keys_nothing_is_encrypted() -> None:
    assert converter_with({}) is CONVERTER
    untouched = payload(encoding=ENCRYPTED)
    await decode_all(untouched, CONVERTER)
    assert untouched == payload(encoding=ENCRYPTED)
