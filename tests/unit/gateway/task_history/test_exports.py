"""What is exported opens in a spreadsheet as text, and a ZIP of any size is streamed."""

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.storage.files import S3Files
from adapters.storage.links import ImageLinks
from domain.task_history.records import Task, TaskFilter, TaskStatus, TaskType
from domain.task_history.users import User
from gateway.task_history import exports
from gateway.task_history.exports import FORMULA, defused, zipped

FORMULAS = [
    "=1+1", "=1+1\";=1+2", "+1", "-1+1|cmd", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u3000=1+1", "＝1+1",
    "＋1", "－1", "＠SUM(1)", "=HYPERLINK(\"http://evil.example\")", "=cmd|' /C calc'!A0", "  +1", "-", "=",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "背景换成白色", "1+1", "a=b", "wang@example.com", "2026-11-30 14:25:01", "12"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert defused(cell) == cell


@given(st.text())
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert not defused(cell).lstrip(" \u3000").startswith(FORMULA)
    assert defused(cell).removeprefix("'") == cell.removeprefix("'")


class FakeFiles:
    """Files that are made while they are read, and count how many are open at once."""

    def __init__(self, size: int) -> None:
        self.size = size

    def pieces(self, key: str) -> Iterator[bytes]:
        if key == "gone":
            raise KeyError(key)
        return (bytes([len(key)]) * 100_000 for _ in range(self.size // 100_000))


def test_a_zip_holds_what_storage_has_uncompressed() -> None:
    named = [("a", "2026-11-30_一.png"), ("gone", "gone.png"), ("bb", "b.png")]
    data = b"".join(zipped(cast("S3Files", FakeFiles(300_000)), named))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["2026-11-30_一.png", "b.png"]
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("b.png") == b"\x02" * 300_000


def test_a_zip_without_images_is_an_empty_zip() -> None:
    data = b"".join(zipped(cast("S3Files", FakeFiles(0)), []))
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == []


def test_a_zip_of_a_gigabyte_is_never_held() -> None:
    files = cast("S3Files", FakeFiles(20_000_000))
    tracemalloc.start()
    total = sum(len(piece) for piece in zipped(files, [(f"k{number}", f"{number}.png") for number in range(50)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 1_000_000_000
    assert peak < 3_000_000


class FakeReader:
    """Records that are made while they are read, counted."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.read = 0

    async def stream(self, _user: User, _which: TaskFilter) -> AsyncIterator[Task]:
        for number in range(self.count):
            self.read += 1
            yield a_task(f"prompt {number} " * 20)


def a_task(prompt: str) -> Task:
    now = datetime(2026, 11, 30, 6, 25, tzinfo=UTC)
    values: dict[str, Any] = dict.fromkeys(one.name for one in fields(Task))
    values |= {
        "id": uuid4(), "user_id": uuid4(), "task_type": TaskType.IMAGE_EDIT, "prompt": prompt, "credits_deducted": 1,
        "status": TaskStatus.PENDING, "created_at": now, "updated_at": now, "favourite": False, "storage_bytes": 0,
        "revision": 1,
    }  # fmt: skip
    return Task(**values)


@pytest.mark.parametrize("write", [exports._csv, exports._json])
async def test_an_export_of_any_length_is_written_while_it_is_read(write: Callable[..., AsyncIterator[str]]) -> None:
    reader = FakeReader(20_000)
    history = SimpleNamespace(reader=reader, links=ImageLinks("secret", "https://shop.test"))
    request = SimpleNamespace(state=SimpleNamespace(history=history, timezone="Asia/Shanghai"))
    lines = largest = 0
    tracemalloc.start()
    async for piece in write(request, User(uuid4()), TaskFilter()):
        lines += piece.count("\n")
        largest = max(largest, len(piece))
        assert reader.read <= lines + exports.LINES_AT_ONCE
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines in {20_001, 20_002}
    assert largest < 200_000
    assert peak < 2_000_000
