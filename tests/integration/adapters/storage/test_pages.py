"""Listing a folder page by page, and deleting many files at once."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from adapters.storage.files import S3Files
from domain.vocabulary.errors import KeyUnusable


@pytest.fixture
def folder() -> str:
    return f"task-history/{uuid.uuid4()}"


async def stored(files: S3Files, *keys: str) -> list[str]:
    for key in keys:
        await files.put(key, b"-", "image/jpeg")
    return sorted(keys)


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(files: S3Files, folder: str) -> None:
    keys = await stored(files, *(f"{folder}/{number % 3}/{number}.jpg" for number in range(7)), f"{folder}x/other.jpg")
    keys.remove(f"{folder}x/other.jpg")
    found: list[str] = []
    while page := await files.page(folder, found[-1] if found else "", 3):
        assert len(page) <= 3
        found += [file.key for file in page]
    assert found == keys


async def test_a_file_tells_when_it_was_stored(files: S3Files, folder: str) -> None:
    await stored(files, f"{folder}/1.jpg")
    (file,) = await files.page(folder, "", 10)
    assert abs(file.modified_at - datetime.now(UTC)) < timedelta(minutes=2)


async def test_an_empty_folder_has_no_page(files: S3Files, folder: str) -> None:
    assert await files.page(folder, "", 10) == []


async def test_many_files_go_at_once_and_those_that_are_gone_do_no_harm(files: S3Files, folder: str) -> None:
    first, second, third = await stored(files, *(f"{folder}/{number}.jpg" for number in range(3)))
    await files.delete_all([first, second, f"{folder}/never.jpg"])
    await files.delete_all([first])
    await files.delete_all([])
    assert [file.key for file in await files.page(folder, "", 10)] == [third]


@pytest.mark.parametrize("key", ["", "..", "a/../b", "/"])
async def test_no_name_stands_for_the_whole_bucket(files: S3Files, folder: str, key: str) -> None:
    await stored(files, f"{folder}/1.jpg")
    with pytest.raises(KeyUnusable):
        await files.delete_all([f"{folder}/1.jpg", key])
    with pytest.raises(KeyUnusable):
        await files.page(key, "", 10)
    assert await files.find(f"{folder}/1.jpg")
