"""A user's records through the API: created, listed, marked, deleted, and nobody else's to see."""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.integration.gateway.serving import app_with, served
from tests.integration.gateway.task_history.conftest import API, NEW, Client, HistoryGate, data_url, picture

COLUMNS = {
    "id", "user_id", "task_type", "prompt", "original_image_url", "generated_image_url", "aws_original_key",
    "aws_generated_key", "tokens_used", "credits_deducted", "status", "error_message", "aspect_ratio", "model_version",
    "generation_time_ms", "created_at", "updated_at", "completed_at", "favourite", "rating", "rating_comment",
}  # fmt: skip
NOBODYS = "0190f0a4-7c1e-7c3a-9a52-3f6d1c0b8e21"  # no record's id; the same in all processes that collect the tests


def days(offset: int = 0) -> str:
    return f"{datetime.now(ZoneInfo('Asia/Shanghai')).date() + timedelta(days=offset)}"


async def listed(client: Client, **query: Any) -> list[str]:
    answer = await client.get(f"{API}/tasks", params=query)
    assert answer.status_code == 200, answer.text
    return [task["id"] for task in answer.json()["tasks"]]


async def test_a_record_is_created_pending_and_has_every_column(user: Client) -> None:
    answer = await user.post(f"{API}/tasks", json=NEW)
    task = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{API}/tasks/{task['id']}"
    assert set(task) >= COLUMNS
    assert {name: task[name] for name in NEW} == NEW
    assert (task["status"], task["credits_deducted"], task["favourite"]) == ("pending", 1, False)
    assert (await user.get(answer.headers["location"])).json() == task


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"task_type": "painting"}, "task_type"), ({"task_type": None}, "task_type"), ({"prompt": 7}, "prompt"),
        ({"prompt": "x" * 4001}, "prompt"), ({"aspect_ratio": "wide"}, "aspect_ratio"),
        ({"aspect_ratio": "3:4; DROP"}, "aspect_ratio"),
        ({"model_version": "x" * 201}, "model_version"), ({"model_version": "a\0b"}, "model_version"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named(user: Client, changed: dict[str, Any], field: str) -> None:
    answer = await user.post(f"{API}/tasks", json=NEW | changed)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")


async def test_text_that_postgres_could_not_store_is_cleaned(user: Client) -> None:
    body = b'{"task_type": "image_edit", "prompt": "a\\u0000b\\ud83d"}'
    answer = await user.post(f"{API}/tasks", content=body, headers={"content-type": "application/json"})
    assert answer.json()["prompt"] == "ab\ufffd"


async def test_the_same_idempotency_key_creates_one_record(user: Client, stranger: Client) -> None:
    headers = {"Idempotency-Key": "attempt-1"}
    answers = await asyncio.gather(*(user.post(f"{API}/tasks", json=NEW, headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await user.get(f"{API}/usage")).json()["records"] == 1
    other = await user.post(f"{API}/tasks", json=NEW | {"prompt": "another"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:darkroom:idempotency-key-reused")
    theirs = await stranger.post(f"{API}/tasks", json=NEW, headers=headers)
    assert theirs.json()["id"] != answers[0].json()["id"]


async def test_lists_are_filtered_and_newest_first(user: Client) -> None:
    first = (await user.completed(prompt="猫 white", task_type="image_generation"))["id"]
    second = (await user.create(prompt="dog White Background"))["id"]
    third = (await user.create(prompt="bird"))["id"]
    await user.put(f"{API}/tasks/{third}/complete", json={"error_message": "refused"})
    await user.put(f"{API}/tasks/{second}/favourite", json={"favourite": True})
    assert await listed(user) == [third, second, first]
    assert await listed(user, status="completed") == [first]
    assert await listed(user, status="failed") == [third]
    assert await listed(user, task_type="image_generation") == [first]
    assert await listed(user, favourite=True) == [second]
    assert await listed(user, q="WHITE") == [second, first]
    assert await listed(user, q="white background") == [second]
    assert await listed(user, q="100%_") == []
    assert await listed(user, start_date=days(), end_date=days()) == [third, second, first]
    assert await listed(user, start_date=days(1)) == await listed(user, end_date=days(-1)) == []
    places = (await user.get(f"{API}/tasks/ids", params={"q": "white"})).json()
    assert [place["id"] for place in places["tasks"]] == [second, first]
    assert places["tasks"][0] == {"id": second, "day": days(), "aspect_ratio": "3:4"}
    assert places["is_complete"]


async def test_pages_by_number_and_by_cursor_cover_the_same(user: Client) -> None:
    made = [(await user.create(prompt=f"{number}"))["id"] for number in range(7)][::-1]
    seen, cursor = [], None
    for number in (1, 2, 3):
        by_number = (await user.get(f"{API}/tasks", params={"page": number, "limit": 3})).json()
        by_cursor = (
            await user.get(f"{API}/tasks", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        assert by_number["tasks"] == by_cursor["tasks"]
        assert (by_number["total"], by_number["pages"], by_number["page"], by_number["limit"]) == (7, 3, number, 3)
        seen += [task["id"] for task in by_number["tasks"]]
        cursor = by_cursor["next_cursor"]
    assert (seen, cursor) == (made, None)
    assert await listed(user, page=4, limit=3) == []


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0}, {"limit": 0}, {"limit": 201}, {"page": "x"}, {"status": "done"}, {"task_type": "x"},
        {"cursor": "x"}, {"cursor": "A" * 32, "page": 2}, {"start_date": "yesterday"},
        {"start_date": "2026-02-02", "end_date": "2026-02-01"}, {"q": "x" * 201}, {"favourite": "perhaps"},
    ],
)  # fmt: skip
async def test_a_wrong_query_is_refused(user: Client, query: dict[str, Any]) -> None:
    answer = await user.get(f"{API}/tasks", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["field"].partition(".")[0]) == (422, "query")


async def test_a_result_is_rated_and_marked(user: Client) -> None:
    task_id = (await user.completed())["id"]
    rated = await user.put(f"{API}/tasks/{task_id}/rating", json={"rating": 4, "comment": "很自然\0"})
    assert (rated.json()["rating"], rated.json()["rating_comment"]) == (4, "很自然")
    for rating in (0, 6, "x", None, 4.5):
        assert (await user.put(f"{API}/tasks/{task_id}/rating", json={"rating": rating})).status_code == 422
    marked = await user.put(f"{API}/tasks/{task_id}/favourite", json={"favourite": True})
    assert marked.json()["favourite"]
    assert not (await user.put(f"{API}/tasks/{task_id}/favourite", json={"favourite": False})).json()["favourite"]


async def test_figures_follow_what_happened(user: Client) -> None:
    await user.complete((await user.create())["id"], tokens_used=1290, generation_time_ms=8000)
    failed = (await user.create(task_type="template_generation"))["id"]
    await user.put(f"{API}/tasks/{failed}/complete", json={"error_message": "refused", "tokens_used": 10})
    await user.create()
    for period in ("day", "week", "month", "all"):
        found = (await user.get(f"{API}/statistics", params={"period": period})).json()
        assert (found["period_type"], found["total_tasks"], found["success_rate"]) == (period, 3, 0.5)
        assert (found["total_tokens_used"], found["avg_generation_time_ms"]) == (1300, 8000)
    assert (await user.get(f"{API}/statistics", params={"period": "day", "date": days(-1)})).json()["total_tasks"] == 0
    used = (await user.get(f"{API}/usage")).json()
    assert (used["plan"], used["records"], used["credits"], used["credits_left"]) == ("pro", 3, 2, 998)
    assert used["storage_bytes"] > 0


async def test_a_plan_ends_with_what_to_do(history: HistoryGate) -> None:
    user = await history.user("free")
    assert [(await user.post(f"{API}/tasks", json=NEW)).status_code for _ in range(2)] == [201, 201]
    english = await user.post(f"{API}/tasks", json=NEW, headers={"Accept-Language": "en"})
    assert (english.status_code, english.json()["type"]) == (402, "urn:darkroom:quota-spent")
    assert "upgrade" in english.json()["detail"]
    assert "upgrade your plan" in english.json()["words"]
    assert "升级套餐" in (await user.post(f"{API}/tasks", json=NEW)).json()["words"]


async def test_deleting_gives_no_quota_back_and_a_failure_gives_its_credits(history: HistoryGate) -> None:
    user = await history.user("free")
    first, second = [(await user.create())["id"] for _ in range(2)]
    assert (await user.delete(f"{API}/tasks/{first}")).status_code == 204
    assert (await user.post(f"{API}/tasks", json=NEW)).status_code == 402
    await user.put(f"{API}/tasks/{second}/complete", json={"error_message": "refused"})
    assert (await user.post(f"{API}/tasks", json=NEW)).status_code == 201  # its credit is back
    assert (await user.post(f"{API}/tasks", json=NEW)).status_code == 402  # but not a fourth record


async def test_an_unknown_plan_is_the_default_one(history: HistoryGate) -> None:
    assert (await (await history.user("gold")).get(f"{API}/usage")).json()["plan"] == "free"


def requests(task_id: str) -> dict[str, dict[str, Any]]:
    """Every route that names a record."""
    image = data_url(picture(size=(64, 64)))
    return {
        f"GET {API}/tasks/{task_id}": {},
        f"DELETE {API}/tasks/{task_id}": {},
        f"PUT {API}/tasks/{task_id}/favourite": {"json": {"favourite": True}},
        f"PUT {API}/tasks/{task_id}/rating": {"json": {"rating": 1}},
        f"PUT {API}/tasks/{task_id}/original-image": {"json": {"original_image_data": image}},
        f"PUT {API}/tasks/{task_id}/complete": {"json": {"generated_image_data": image}},
    }


LISTS: dict[str, dict[str, Any]] = {
    f"GET {API}/tasks": {}, f"GET {API}/tasks/ids": {}, f"GET {API}/statistics": {}, f"GET {API}/usage": {},
    f"GET {API}/export": {}, f"GET {API}/export/images.zip": {}, f"POST {API}/tasks": {"json": NEW},
    f"POST {API}/tasks/bulk-delete": {"json": {"ids": [str(uuid.uuid4())]}},
    f"POST {API}/tasks/bulk-restore": {"json": {"ids": [str(uuid.uuid4())]}},
}  # fmt: skip


async def send(client: httpx.AsyncClient, route: str, **more: Any) -> httpx.Response:
    method, _, path = route.partition(" ")
    return await client.request(method, path, **more)


async def test_a_strangers_record_is_not_there_and_stays_as_it_is(user: Client, stranger: Client) -> None:
    task = await user.completed()
    unknown = str(uuid.uuid4())
    theirs = [await send(stranger, route, **more) for route, more in requests(task["id"]).items()]
    nobodys = [await send(stranger, route, **more) for route, more in requests(unknown).items()]
    assert {answer.status_code for answer in (*theirs, *nobodys)} == {404}
    for mine, none in zip(theirs, nobodys, strict=True):  # nothing tells the two apart
        assert mine.json() | {"detail": ""} == none.json() | {"detail": ""}
        assert mine.json()["detail"].replace(task["id"], "") == none.json()["detail"].replace(unknown, "")
    deleted = await stranger.post(f"{API}/tasks/bulk-delete", json={"ids": [task["id"]]})
    assert deleted.json()["count"] == 0
    for path in (f"{API}/tasks", f"{API}/tasks/ids", f"{API}/export?format=json"):
        assert task["id"] not in (await stranger.get(path)).text
    assert (await stranger.get(f"{API}/statistics")).json()["total_tasks"] == 0
    assert (await user.get(f"{API}/tasks/{task['id']}")).json() == task


@pytest.mark.parametrize("route", [*LISTS, *requests(NOBODYS)])
async def test_without_a_valid_token_nothing_is_told(history: HistoryGate, route: str) -> None:
    more = (LISTS | requests(route.split("/")[4] if route.count("/") > 3 else "")).get(route, {})
    expired = history.tokens.issue(uuid.uuid4(), "pro", -1)
    for token, told in ((None, "missing token"), (expired, "sign in again"), ("x.y.z", "header")):
        answer = await send(await history.with_token(token), route, **more)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:darkroom:token-refused")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert told in answer.json()["detail"]


async def test_an_api_key_is_no_token(history: HistoryGate) -> None:
    answer = await (await history.with_token("dk_0123456789abcdef_" + "x" * 32)).get(f"{API}/tasks")
    assert answer.status_code == 401


async def test_too_many_requests_are_told_when_to_come_back(history: HistoryGate) -> None:
    values = history.settings.model_dump(exclude_unset=True) | {"requests_per_minute": 3}
    token = history.tokens.issue(uuid.uuid4(), "pro", 1)
    with served(app_with(**values)) as url:
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
            answers = [await client.get(f"{API}/usage") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
