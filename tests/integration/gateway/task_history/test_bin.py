"""Several records are deleted at once, and for ten seconds that can be undone."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.task_history.records import GRACE, UNDO
from domain.task_history.users import User
from gateway.task_history import bin as bins
from gateway.task_history.context import build
from tests.integration.gateway.task_history.conftest import API, Client, HistoryGate


async def delete(client: Client, *ids: str) -> dict[str, Any]:
    answer = await client.post(f"{API}/tasks/bulk-delete", json={"ids": list(ids)})
    assert answer.status_code == 200, answer.text
    binned: dict[str, Any] = answer.json()
    return binned


async def total(client: Client) -> int:
    return int((await client.get(f"{API}/tasks")).json()["total"])


async def test_what_is_deleted_is_gone_at_once_and_comes_back_whole(history: HistoryGate, user: Client) -> None:
    tasks = [await user.completed() for _ in range(3)]
    first, second, third = [task["id"] for task in tasks]
    binned = await delete(user, first, second, str(uuid.uuid4()))
    assert binned["count"] == 2
    left = datetime.fromisoformat(binned["undo_until"]) - datetime.now(UTC)
    assert timedelta(seconds=5) < left <= timedelta(seconds=10)
    assert [task["id"] for task in (await user.get(f"{API}/tasks")).json()["tasks"]] == [third]
    assert (await user.get(f"{API}/tasks/{first}")).status_code == 404
    assert (await user.get(f"{API}/statistics")).json()["total_tasks"] == 1
    await history.pass_time(UNDO)
    restored = await user.post(f"{API}/tasks/bulk-restore", json={"ids": [first, second]})
    assert restored.json() == {"count": 2}
    assert await total(user) == 3
    back = (await user.get(f"{API}/tasks/{first}")).json()
    assert back | {"updated_at": ""} == tasks[0] | {"updated_at": ""}
    assert back["aws_generated_key"] in await history.keys()


async def test_after_ten_seconds_it_is_too_late_and_the_files_go(history: HistoryGate, user: Client) -> None:
    task, other = await user.completed(), await user.completed()
    await delete(user, task["id"])
    await history.pass_time(UNDO + GRACE + timedelta(seconds=1))
    late = await user.post(f"{API}/tasks/bulk-restore", json={"ids": [task["id"]]})
    assert (late.status_code, late.json()["type"]) == (409, "urn:darkroom:undo-expired")
    await empty(history, task["user_id"])
    left = await history.keys()
    assert not [key for key in left if task["id"] in key]
    assert other["aws_generated_key"] in left
    assert await total(user) == 1


async def test_a_bin_is_emptied_only_of_what_is_due(history: HistoryGate, user: Client, stranger: Client) -> None:
    due, fresh, theirs = await user.completed(), await user.completed(), await stranger.completed()
    await delete(stranger, theirs["id"])
    await delete(user, due["id"])
    await history.pass_time(UNDO + GRACE + timedelta(seconds=1))
    await delete(user, fresh["id"])
    await empty(history, due["user_id"])
    left = await history.keys()
    assert fresh["aws_generated_key"] in left
    assert theirs["aws_generated_key"] in left
    assert due["aws_generated_key"] not in left


async def empty(history: HistoryGate, user_id: str) -> None:
    await bins.empty(build(history.settings, history.engine), history.files, User(uuid.UUID(user_id)))


async def test_a_bin_is_emptied_by_the_gateway_itself(
    history: HistoryGate, user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await user.completed()
    await delete(user, task["id"])
    await history.pass_time(UNDO + GRACE + timedelta(seconds=1))
    monkeypatch.setattr(bins, "AFTER", timedelta(0))
    await bins._empty_later(build(history.settings, history.engine), history.files, User(uuid.UUID(task["user_id"])))
    assert task["aws_generated_key"] not in await history.keys()


@pytest.mark.parametrize("ids", [[], ["x"], [str(uuid.uuid4())] * 1001, None, {}])
async def test_a_wrong_list_is_refused(user: Client, ids: Any) -> None:
    for name in ("bulk-delete", "bulk-restore"):
        assert (await user.post(f"{API}/tasks/{name}", json={"ids": ids})).status_code == 422
