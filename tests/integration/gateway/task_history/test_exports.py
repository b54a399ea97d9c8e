"""Exports are opened again: as a spreadsheet reads them, as JSON, and as a ZIP."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from PIL import Image

from gateway.task_history import exports
from gateway.task_history.exports import BOM, COLUMNS
from tests.integration.gateway.task_history.conftest import API, Client, HistoryGate, picture
from tests.unit.gateway.task_history.test_exports import FORMULAS


async def export(client: Client, **query: Any) -> httpx.Response:
    answer = await client.get(f"{API}/export", params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_csv_opens_right_and_its_formulas_are_text(user: Client) -> None:
    prompts = [*(formula for formula in FORMULAS), '背景,换成"白色"\n再亮一点', "plain"]
    for prompt in prompts:
        await user.create(prompt=prompt)
    answer = await export(user)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="task-history.csv"'
    text = answer.content.decode()
    assert text.startswith(BOM + ",".join(COLUMNS) + "\r\n")
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    assert [row["prompt"].removeprefix("'") for row in rows] == prompts[::-1]
    for row in rows:
        for cell in row.values():
            assert not cell.lstrip(" \u3000").startswith(exports.FORMULA), cell
    created = datetime.strptime(rows[0]["created_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert abs(created.timestamp() - datetime.now(UTC).timestamp() - 8 * 3600) < 600  # the shop's time


async def test_json_is_the_list(user: Client) -> None:
    await user.completed(prompt="白色")
    await user.create(prompt='a "quote"')
    answer = await export(user, format="json")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content) == (await user.get(f"{API}/tasks")).json()["tasks"]
    assert "白色" in answer.text


async def test_nothing_is_an_empty_table_and_an_empty_list(user: Client) -> None:
    assert (await export(user)).content.decode() == BOM + ",".join(COLUMNS) + "\r\n"
    assert (await export(user, format="json")).json() == []
    archive = await user.get(f"{API}/export/images.zip")
    assert zipfile.ZipFile(io.BytesIO(archive.content)).namelist() == []


async def test_an_export_holds_what_the_filter_and_the_user_have(user: Client, stranger: Client) -> None:
    await user.create(prompt="white cat")
    await user.create(prompt="dog")
    await stranger.create(prompt="white horse")
    assert [task["prompt"] for task in (await export(user, format="json", q="white")).json()] == ["white cat"]
    assert (await user.get(f"{API}/export", params={"format": "xlsx"})).status_code == 422
    assert (await user.get(f"{API}/export", params={"status": "x"})).status_code == 422


async def test_images_are_in_a_zip_under_readable_names(history: HistoryGate, user: Client) -> None:
    kept = await user.complete((await user.create())["id"], picture("PNG", (200, 100)))
    lost = await user.completed(task_type="image_generation")
    await user.create()
    await history.files.delete(lost["aws_generated_key"])
    answer = await user.get(f"{API}/export/images.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        (name,) = archive.namelist()
        assert name.endswith(f"_image_edit_{kept['id'][-8:]}.png")
        assert Image.open(io.BytesIO(archive.read(name))).size == (200, 100)
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


async def test_more_images_than_a_zip_holds_are_refused_before_it_begins(
    user: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await user.completed()
    monkeypatch.setattr(exports, "MOST_PICTURES", 1)
    answer = await user.get(f"{API}/export/images.zip")
    assert (answer.status_code, "fewer days" in answer.json()["detail"]) == (422, True)


async def test_a_plan_without_exports_says_what_to_do(history: HistoryGate) -> None:
    user = await history.user("free")
    for path in ("export", "export?format=json", "export/images.zip"):
        answer = await user.get(f"{API}/{path}")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:darkroom:plan-forbids")
        assert "upgrade" in answer.json()["detail"]
        assert "升级" in answer.json()["words"]


async def test_head_tells_what_would_come_and_reads_nothing(user: Client) -> None:
    for path, kind in (("export", "text/csv; charset=utf-8"), ("export/images.zip", "application/zip")):
        answer = await user.head(f"{API}/{path}")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, b"")
