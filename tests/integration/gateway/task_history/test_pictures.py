"""Users' images: checked by content, cleaned, with thumbnails, once, within the plan, and gone with their record."""

import asyncio
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.integration.gateway.task_history.conftest import API, Client, HistoryGate, data_url, picture, shown
from tests.unit.adapters.imaging.odd_files import png, with_scans
from tests.unit.adapters.imaging.test_keep import PLACE, private


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


async def put_original(client: Client, task_id: str, data: bytes, how: str = "form") -> httpx.Response:
    path = f"{API}/tasks/{task_id}/original-image"
    if how == "form":
        return await client.put(path, files={"file": ("x.exe", data, "application/octet-stream")})
    return await client.put(path, json={"original_image_data": data_url(data, "image/png")})


@pytest.mark.parametrize("how", ["form", "data URL"])
@pytest.mark.parametrize(("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
async def test_an_original_is_kept_by_what_it_holds(
    history: HistoryGate, user: Client, how: str, kind: str, extension: str
) -> None:
    task = await user.create()
    answer = await put_original(user, task["id"], picture(kind), how)
    stored = answer.json()
    assert answer.status_code == 200, answer.text
    assert stored["aws_original_key"] == f"task-history/{task['user_id']}/{task['id']}/original.{extension}"
    assert stored["original_image_url"].startswith("http://gateway.test/api/task-history/images/")
    image = await shown(stored["original_image_url"].replace("http://gateway.test", history.url))
    assert (image.headers["content-type"], opened(image.content).format) == (f"image/{kind.lower()}", kind)
    small = await shown(stored["original_thumbnail_url"].replace("http://gateway.test", history.url))
    assert (small.headers["content-type"], opened(small.content).size) == ("image/jpeg", (480, 360))
    assert stored["storage_bytes"] == len(image.content) + len(small.content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_nothing_private_is_ever_stored_or_served(history: HistoryGate, user: Client, kind: str) -> None:
    task = await user.create()
    await put_original(user, task["id"], private(kind))
    ended = await user.complete(task["id"], private(kind))
    for name in ("original_image_url", "original_thumbnail_url", "generated_image_url", "generated_thumbnail_url"):
        image = (await shown(ended[name].replace("http://gateway.test", history.url))).content
        assert PLACE not in image, name
        assert not opened(image).getexif(), name
    for key in await history.keys():
        if task["id"] in key:
            assert PLACE not in (await history.files.get(key)).data


async def test_another_original_replaces_the_first_and_its_files(history: HistoryGate, user: Client) -> None:
    task = await user.create()
    sizes = []
    for kind, size in (("PNG", 200), ("JPEG", 300), ("JPEG", 400)):
        stored = (await put_original(user, task["id"], picture(kind, (size, size)))).json()
        sizes.append(stored["storage_bytes"])
        assert opened((await history.files.get(stored["aws_original_key"])).data).width == size
        assert len([key for key in await history.keys() if task["id"] in key]) == 2
    assert (await user.get(f"{API}/usage")).json()["storage_bytes"] == sizes[-1]


BAD: dict[str, Callable[[], bytes]] = {
    "a page": lambda: b"<html>cat</html>",
    "cut off": lambda: picture()[:4000],
    "one pixel": lambda: picture(size=(1, 1)),
    "a PDF": lambda: b"%PDF-1.7 cat",
    "a bomb": lambda: png(9000, 9000),
    "five thousand scans": lambda: with_scans(5000, side=4000),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_picture_is_refused_in_the_users_language(
    history: HistoryGate, user: Client, name: str
) -> None:
    task = await user.create()
    for answer in (
        await put_original(user, task["id"], BAD[name]()),
        await user.put(
            f"{API}/tasks/{task['id']}/complete",
            json={"generated_image_data": data_url(BAD[name]())},
            headers={"Accept-Language": "en"},
        ),
    ):
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:darkroom:picture-unreadable")
    assert answer.json()["words"].isascii()
    assert (await user.get(f"{API}/tasks/{task['id']}")).json() == task
    assert not [key for key in await history.keys() if task["id"] in key]


async def test_bodies_without_an_image_say_what_to_send(user: Client) -> None:
    path = f"{API}/tasks/{(await user.create())['id']}"
    json_type, form = {"content-type": "application/json"}, "multipart/form-data; boundary=x"
    bodies: list[tuple[str, dict[str, Any], int]] = [
        ("original-image", {"json": {}}, 422),
        ("original-image", {"json": []}, 422),
        ("original-image", {"json": {"original_image_data": "https://evil.example/x.png"}}, 422),
        ("original-image", {"json": {"original_image_data": "data:image/png;base64,"}}, 422),
        ("original-image", {"json": {"original_image_data": "data:image/png;base64,&&&&"}}, 422),
        ("original-image", {"content": b"{", "headers": json_type}, 422),
        ("original-image", {"content": b"", "headers": json_type}, 422),
        ("original-image", {"content": b"xx", "headers": {"content-type": "image/png"}}, 415),
        ("original-image", {"content": b"xx"}, 415),
        ("original-image", {"content": b"xx", "headers": {"content-type": form}}, 400),
        ("original-image", {"data": {"file": "x"}}, 415),
        ("original-image", {"files": {"file": ("x", b"")}}, 422),
        ("complete", {"json": {}}, 422),
        ("complete", {"json": {"generated_image_data": data_url(picture()), "error_message": "both"}}, 422),
        ("complete", {"json": {"generated_image_data": "picture"}}, 422),
        ("complete", {"json": {"error_message": "x", "tokens_used": -1}}, 422),
        ("complete", {"json": {"error_message": "x", "generation_time_ms": 1e30}}, 422),
        ("complete", {"files": {"file": picture()}}, 415),
    ]
    for name, more, status in bodies:
        answer = await user.put(f"{path}/{name}", **more)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), more
    assert (await user.get(path)).json()["status"] == "pending"


async def test_completing_twice_is_once(history: HistoryGate, user: Client) -> None:
    task = await user.create()
    first = await user.complete(task["id"], picture("PNG", (300, 200)), tokens_used=1290, generation_time_ms=8400)
    assert (first["status"], first["tokens_used"], first["generation_time_ms"]) == ("completed", 1290, 8400)
    assert first["completed_at"]
    again = await user.complete(task["id"], picture("JPEG", (500, 500)), tokens_used=7)
    failed = (await user.put(f"{API}/tasks/{task['id']}/complete", json={"error_message": "late"})).json()
    assert again == failed == first
    assert opened((await history.files.get(first["aws_generated_key"])).data).size == (300, 200)
    assert len([key for key in await history.keys() if task["id"] in key]) == 2
    assert (await user.get(f"{API}/statistics")).json()["total_tokens_used"] == 1290


async def test_completing_at_the_same_time_is_once(history: HistoryGate, user: Client) -> None:
    task = await user.create()
    sizes = [(300 + number, 200) for number in range(6)]
    ended = await asyncio.gather(*(user.complete(task["id"], picture("PNG", size)) for size in sizes))
    assert len({json.dumps(one) for one in ended}) == 1
    stored = await history.files.get(ended[0]["aws_generated_key"])
    assert ended[0]["storage_bytes"] > len(stored.data)
    assert len([key for key in await history.keys() if task["id"] in key]) == 2


async def test_an_error_ends_a_record_and_its_original_can_no_longer_change(user: Client) -> None:
    task = await user.create()
    failed = (await user.put(f"{API}/tasks/{task['id']}/complete", json={"error_message": "x" * 5000})).json()
    assert (failed["status"], failed["credits_deducted"], failed["generated_image_url"]) == ("failed", 0, None)
    assert len(failed["error_message"]) == 2000
    late = await put_original(user, task["id"], picture())
    assert (late.status_code, late.json()["type"]) == (409, "urn:darkroom:task-finished")
    assert (await user.get(f"{API}/tasks/{task['id']}")).json() == failed


@pytest.mark.parametrize("claimed", [0, -5, 10**9, "free", None, {"a": 1}, 2.5])
async def test_credits_that_a_client_claims_are_ignored(user: Client, claimed: Any) -> None:
    task = await user.create(task_type="template_generation")
    ended = await user.complete(task["id"], credits_deducted=claimed)
    assert ended["credits_deducted"] == 2
    assert (await user.get(f"{API}/usage")).json()["credits"] == 2


async def test_a_plan_limits_a_file_and_all_files(history: HistoryGate) -> None:
    user = await history.user("free")
    first, second = [(await user.create())["id"] for _ in range(2)]
    large = await put_original(user, first, picture("PNG", (900, 900)))
    assert (large.status_code, large.json()["type"]) == (403, "urn:darkroom:plan-forbids")
    assert "1 MB" in large.json()["detail"]
    assert (await put_original(user, first, picture("PNG", (500, 500)))).status_code == 200
    full = await put_original(user, second, picture("PNG", (550, 550)))
    assert (full.status_code, full.json()["type"]) == (402, "urn:darkroom:quota-spent")
    assert "delete records" in full.json()["detail"]
    ended = await user.put(
        f"{API}/tasks/{second}/complete", json={"generated_image_data": data_url(picture("PNG", (550, 550)))}
    )
    assert ended.status_code == 402
    assert not [key for key in await history.keys() if second in key]
    await user.delete(f"{API}/tasks/{first}")
    assert (await put_original(user, second, picture("PNG", (550, 550)))).status_code == 200


async def test_a_body_over_the_limit_is_refused_unread(history: HistoryGate, user: Client) -> None:
    task = await user.create()
    large = bytes(history.settings.max_upload_mb * 1_000_000 * 4 // 3 + 200_000)
    for name in ("original-image", "complete"):
        headers = {"content-type": "application/json"}
        answer = await user.put(f"{API}/tasks/{task['id']}/{name}", content=large, headers=headers)
        assert answer.status_code == 413
    usual = await user.put(f"{API}/tasks/{task['id']}/favourite", content=bytes(300_000), headers=headers)
    assert usual.status_code == 413


async def test_deleting_a_record_deletes_its_files_and_no_others(history: HistoryGate, user: Client) -> None:
    task, other = await user.create(), await user.create()
    for one in (task, other):
        await put_original(user, one["id"], picture())
        await user.complete(one["id"])
    ended = (await user.get(f"{API}/tasks/{task['id']}")).json()
    assert len([key for key in await history.keys() if task["id"] in key]) == 4
    assert (await user.delete(f"{API}/tasks/{task['id']}")).status_code == 204
    assert not [key for key in await history.keys() if task["id"] in key]
    assert len([key for key in await history.keys() if other["id"] in key]) == 4
    assert (await user.delete(f"{API}/tasks/{task['id']}")).status_code == 404
    for name in ("generated_image_url", "generated_thumbnail_url"):
        assert (await shown(ended[name].replace("http://gateway.test", history.url))).status_code == 404


async def test_a_thumbnail_that_is_missing_is_made_once(history: HistoryGate, user: Client) -> None:
    task = await user.completed()
    small = task["aws_generated_key"].replace(".jpg", "-thumb.jpg")
    await history.files.delete(small)
    for _ in range(2):
        image = await shown(task["generated_thumbnail_url"].replace("http://gateway.test", history.url))
        assert max(opened(image.content).size) <= 520
    assert small in await history.keys()


async def test_a_link_that_is_none_of_ours_shows_nothing(history: HistoryGate) -> None:
    for token in ("x", "W10.x", str(uuid.uuid4()), "..%2f..%2fhealthz"):
        answer = await shown(f"{history.url}{API}/images/{token}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
