"""Who may come in: API keys and rates."""

import uuid
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from adapters.db.keys import NameTaken, id_of, new_key
from runtime import wiring
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with

PATH = "/api/orders/ORDER_20200101_222222/events/customer_message"
BODY = {"event_id": "m-1", "text": "在吗"}


async def knock(gate: Gate, key: str) -> httpx.Response:
    return await gate.nobody.post(PATH, json=BODY, headers={"Authorization": f"Bearer {key}"})


async def test_a_key_opens_until_it_is_revoked(gate: Gate) -> None:
    key, name = new_key(), uuid.uuid4().hex
    assert (await knock(gate, key)).status_code == 401
    await gate.keys.add(key, name, ["bot"])
    assert (await knock(gate, key)).status_code == 202
    other = new_key()
    await gate.keys.add(other, f"{name} 2", ["bot"])
    assert await gate.keys.revoke(f"{name} 2")
    assert not await gate.keys.revoke(f"{name} 2")
    assert (await knock(gate, other)).status_code == 401


async def test_a_key_with_the_right_id_and_another_secret_opens_nothing(gate: Gate) -> None:
    key = new_key()
    await gate.keys.add(key, uuid.uuid4().hex, ["bot"])
    forged = f"dk_{id_of(key)}_{new_key().rpartition('_')[2].rjust(43, 'x')[-43:]}"
    assert (await knock(gate, forged)).status_code == 401


async def test_only_a_hash_of_a_key_is_kept(gate: Gate) -> None:
    key = new_key()
    await gate.keys.add(key, uuid.uuid4().hex, ["agent"])
    engine = wiring.engine(gate.settings)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT api_keys::text FROM api_keys"))).scalars().all()
    await engine.dispose()
    assert any(str(id_of(key)) in row for row in rows)
    assert not any(key.rpartition("_")[2] in row for row in rows)


async def test_a_name_is_given_once(gate: Gate) -> None:
    key, name = new_key(), uuid.uuid4().hex
    for _ in range(2):
        await gate.keys.add(key, name, ["bot"])  # the same again is no other key
    with pytest.raises(NameTaken, match=name):
        await gate.keys.add(new_key(), name, ["bot"])


async def test_without_a_key_the_answer_says_how_to_get_one(gate: Gate) -> None:
    answer = await gate.nobody.post(PATH, json=BODY)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "darkroom key new" in answer.json()["detail"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=90).map(lambda raw: bytes(byte for byte in raw if byte > 31 and byte != 127).strip()))
async def test_no_garbage_opens_or_breaks_anything(gate: Gate, garbage: bytes) -> None:
    for value in (garbage, b"Bearer " + garbage, b"Bearer dk_0123456789abcdef_" + garbage, b"Basic " + garbage):
        answer = await gate.nobody.post(PATH, json=BODY, headers=[(b"authorization", value.strip())])
        assert answer.status_code == 401


@pytest.fixture
def settings_of_gate(gate: Gate) -> dict[str, Any]:
    return {
        name: getattr(gate.settings, name)
        for name in ("database_url", "database_schema", "temporal_address", "temporal_namespace")
    }


async def test_a_caller_that_is_too_fast_is_told_to_wait_and_others_are_not(
    gate: Gate, settings_of_gate: dict[str, Any]
) -> None:
    fast, slow = new_key(), new_key()
    for key in (fast, slow):
        await gate.keys.add(key, uuid.uuid4().hex, ["bot"])
    with TestClient(app_with(**settings_of_gate, requests_per_minute=3)) as client:
        answers = [client.post(PATH, json=BODY, headers={"Authorization": f"Bearer {fast}"}) for _ in range(5)]
        other = client.post(PATH, json=BODY, headers={"Authorization": f"Bearer {slow}"})
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert other.status_code == 202


def test_nobody_may_guess_keys_for_long(settings_of_gate: dict[str, Any]) -> None:
    with TestClient(app_with(**settings_of_gate, public_requests_per_minute=3)) as client:
        answers = [client.post(PATH, json=BODY, headers={"Authorization": f"Bearer {new_key()}"}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]


def test_downloads_and_payments_are_within_the_rate_of_an_address(settings_of_gate: dict[str, Any]) -> None:
    limited = app_with(**settings_of_gate, public_requests_per_minute=2, payment_secrets="whsec_eHl6")
    with TestClient(limited) as client:
        first = client.get("/d/nonsense/1.png")
        second = client.post("/api/webhooks/payments", json={})
        third = client.get("/d/nonsense/1.png")
        assert client.get("/healthz").status_code == 200
    assert (first.status_code, second.status_code, third.status_code) == (404, 401, 429)


def test_without_a_payment_secret_no_payment_is_taken(settings_of_gate: dict[str, Any]) -> None:
    with TestClient(app_with(**settings_of_gate)) as client:
        assert client.post("/api/webhooks/payments", json={}).status_code == 503


def test_keys_that_cannot_be_looked_up_are_no_refusal() -> None:
    with TestClient(app_with(**NOWHERE)) as client:
        answer = client.post(PATH, json=BODY, headers={"Authorization": f"Bearer {new_key()}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
