"""One Idempotency-Key starts one thing, whoever is slow."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.db.idempotency import FirstUse
from adapters.db.keys import ApiKey
from domain.vocabulary.errors import IdempotencyKeyReused, OutsideUnavailable
from gateway import once

WHO = ApiKey("k1", "a bot", "hash", frozenset({"bot"}), datetime.now(UTC), None)


class Keys:
    """The table of what was asked, in memory."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str], FirstUse] = {}
        self.slow: asyncio.Event | None = None  # the next note is answered once this is set

    async def find(self, scope: str, key: str) -> FirstUse | None:
        return self.noted.get((scope, key))

    async def remember(self, scope: str, key: str, fingerprint: str, went_to: str) -> FirstUse:
        use = self.noted.setdefault((scope, key), FirstUse(went_to, fingerprint))
        slow, self.slow = self.slow, None
        if slow:
            await slow.wait()
        return use


class StartRequest:
    """Something to be started, of which Temporal is this dictionary."""

    kind = "things"

    def __init__(self, world: dict[str, str], ids: list[str], fingerprint: str = "body") -> None:
        self.world, self.ids, self.fingerprint = world, ids, fingerprint

    def new_id(self) -> str:
        return self.ids.pop(0)

    def workflow_id(self, name: str) -> str:
        return name

    async def start(self, name: str, *, must_be_new: bool) -> str:
        if self.world.get(name) == "ended" or (must_be_new and name in self.world):
            raise WorkflowAlreadyStartedError(name, "Thing")
        self.world[name] = "open"
        return name

    def started(self, name: str) -> str:
        return f"{name}, which has ended"


@pytest.fixture
def request_(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A request to a gateway whose Temporal is the dictionary of what is started."""
    world: dict[str, str] = {}

    async def client() -> dict[str, str]:
        return world

    async def is_taken(there: dict[str, str], name: str) -> bool:
        return name in there

    monkeypatch.setattr(once, "is_taken", is_taken)
    state = SimpleNamespace(idempotency_keys=Keys(), temporal=SimpleNamespace(client=client), world=world)
    return SimpleNamespace(state=state)


async def test_two_requests_at_once_start_one_thing_though_one_of_them_is_slow(request_: Any) -> None:
    world, ids, go_on = request_.state.world, ["id1", "id2"], asyncio.Event()
    request_.state.idempotency_keys.slow = go_on
    slow = asyncio.create_task(once.start(request_, WHO, "key", StartRequest(world, ids)))
    await asyncio.sleep(0)
    assert await once.start(request_, WHO, "key", StartRequest(world, ids)) == "id1"
    go_on.set()
    assert await slow == "id1"
    assert world == {"id1": "open"}


async def test_an_id_that_something_else_bears_is_not_noted(request_: Any) -> None:
    request_.state.world["id1"] = "open"
    assert await once.start(request_, WHO, "key", StartRequest(request_.state.world, ["id1", "id2"])) == "id2"
    assert await once.start(request_, WHO, None, StartRequest(request_.state.world, ["id1", "id3"])) == "id3"


async def test_what_has_ended_meanwhile_is_answered_and_not_started_again(request_: Any) -> None:
    wanted = StartRequest(request_.state.world, ["id1"])
    await once.start(request_, WHO, "key", wanted)
    request_.state.world["id1"] = "ended"
    assert await once.start(request_, WHO, "key", wanted) == "id1, which has ended"


async def test_another_body_is_refused(request_: Any) -> None:
    await once.start(request_, WHO, "key", StartRequest(request_.state.world, ["id1"]))
    with pytest.raises(IdempotencyKeyReused):
        await once.start(request_, WHO, "key", StartRequest(request_.state.world, ["id2"], "another body"))


@pytest.mark.parametrize("key", ["key", None])
async def test_where_every_id_is_taken_one_is_to_ask_again(request_: Any, key: str | None) -> None:
    request_.state.world["id1"] = "open"
    with pytest.raises(OutsideUnavailable):
        await once.start(request_, WHO, key, StartRequest(request_.state.world, ["id1"] * 9))
