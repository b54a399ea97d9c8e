"""Looking for pictures over HTTP, with real Temporal, Postgres and storage behind the gateway."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import TimeSkipper

from domain.library.photos import Hit
from domain.vocabulary import ids
from tests.dispatches import DispatchInHand
from tests.integration.gateway.conftest import Gate
from tests.shop import FakeShop

HIT = Hit(
    photo_id="p-1", kind="original", key="task-history/wang/T/original.png", shown_key=None, width=64, height=48,
    is_own=True, is_delivered=False, task_id="TASK_20261122_7K3F9Q_1", tags=["猫"], distance=3,
)  # fmt: skip
FIND = "/api/pictures/find"


@pytest.fixture
async def shop(temporal_env: TimeSkipper, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeShop]:
    monkeypatch.setattr("gateway.finding.TIMEOUT", timedelta(seconds=25))  # the machine may be busy
    async with FakeShop(temporal_env).open() as shop:
        yield shop


def asked(**fields: Any) -> dict[str, Any]:
    return {"customer_id": f"wang-{uuid.uuid4().hex[:8]}", "acc_id": "shop-1", "words": "橘猫"} | fields


async def test_what_is_found_is_answered_at_once_and_can_be_read_again(gate: Gate, shop: FakeShop) -> None:
    shop.library.hits = [HIT]
    answer = await gate.agent.post(FIND, json=asked(image_url="https://img.example.com/cat.jpg"))
    assert answer.status_code == 200, answer.text
    find_id = answer.json()["find_id"]
    assert answer.json() == {
        "find_id": find_id, "is_done": True, "transfer_id": None, "refused": "",
        "matches": [
            {
                "photo_id": "p-1", "link": f"https://darkroom.example/d/{HIT.key}", "distance": 3, "kind": "original",
                "tags": ["猫"], "is_own": True, "width": 64, "height": 48,
            }
        ],
    }  # fmt: skip
    assert answer.headers["location"] == f"{FIND}/{find_id}"
    assert (await gate.bot.get(f"{FIND}/{find_id}")).json() == answer.json()


async def test_where_nothing_is_found_a_designer_is_asked_once_however_often_the_key_comes(
    gate: Gate, shop: FakeShop
) -> None:
    body, key = asked(), {"Idempotency-Key": uuid.uuid4().hex}
    answers = await asyncio.gather(*(gate.bot.post(FIND, json=body, headers=key) for _ in range(6)))
    answers.append(await gate.bot.post(FIND, json=body, headers=key))  # when it has ended, too
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    transfer_id = answers[0].json()["transfer_id"]
    await DispatchInHand(shop, ids.dispatch_id(transfer_id)).until(lambda d: d.designer)
    assert len(shop.designers.tasks) == len(shop.library.searches) == 1


async def test_the_same_event_again_is_the_same_search(gate: Gate, shop: FakeShop) -> None:
    body = asked(event_id=uuid.uuid4().hex, transfer_if_none=False)
    first, again = [(await gate.bot.post(FIND, json=body)).json() for _ in range(2)]
    other = (await gate.bot.post(FIND, json=body | {"event_id": uuid.uuid4().hex})).json()
    assert first["find_id"] == again["find_id"] != other["find_id"]


async def test_the_same_key_for_another_search_is_a_conflict_and_of_another_caller_another_search(
    gate: Gate, shop: FakeShop
) -> None:
    body, key = asked(transfer_if_none=False), {"Idempotency-Key": uuid.uuid4().hex}
    first = await gate.bot.post(FIND, json=body, headers=key)
    conflict = await gate.bot.post(FIND, json=body | {"words": "狗"}, headers=key)
    assert (conflict.status_code, conflict.json()["type"]) == (409, "urn:darkroom:idempotency-key-reused")
    other = await gate.agent.post(FIND, json=body, headers=key)
    assert other.json()["find_id"] != first.json()["find_id"]


async def test_while_nobody_works_it_is_answered_that_it_is_looked_for(
    gate: Gate, temporal_env: TimeSkipper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.finding.TIMEOUT", timedelta(seconds=1))
    answer = await gate.bot.post(FIND, json=asked(transfer_if_none=False))
    assert (answer.status_code, answer.json()["is_done"]) == (202, False)
    path = answer.headers["location"]
    assert (await gate.bot.get(path)).status_code == 202
    async with FakeShop(temporal_env).open():
        async with asyncio.timeout(60):
            while (seen := await gate.bot.get(path)).status_code == 202:
                pass
        assert (seen.status_code, seen.json()["is_done"]) == (200, True)


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"customer_id": ""}, "body.customer_id"), ({"limit": 21}, "body.limit"), ({"words": " "}, "body"),
        ({"image_url": "http://user:secret@img.example.com/"}, "body.image_url"),
        ({"image_url": "file:///etc/passwd"}, "body.image_url"),
        ({"image_key": "task-history/li/TASK_1/original.jpg"}, "body.image_key"),
        ({"tags": 5}, "body.tags"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_with_the_field_at_fault(
    gate: Gate, fields: dict[str, Any], at_fault: str
) -> None:
    answer = await gate.bot.post(FIND, json=asked(**fields))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == at_fault


async def test_a_search_that_nobody_began_is_not_there_and_strangers_may_neither_ask_nor_read(gate: Gate) -> None:
    assert (await gate.bot.get(f"{FIND}/FIND_20261122_222222")).status_code == 404
    assert (await gate.bot.get(f"{FIND}/ORDER_20261122_222222")).status_code == 422
    assert (await gate.nobody.get(f"{FIND}/FIND_20261122_222222")).status_code == 401
    assert (await gate.nobody.post(FIND, json=asked())).status_code == 401
