"""Files of a user's records in a real S3 server: stored from disk, read piece by piece, deleted by folder."""

import asyncio
import tracemalloc
from pathlib import Path

import pytest

from adapters.storage.files import PIECE, S3Files
from domain.vocabulary.errors import KeyUnusable

FOLDER = "task-history/0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a"


async def test_a_file_on_disk_is_stored_and_read_back_without_being_held(files: S3Files, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)) * 120_000)
    await files.put_file(f"{FOLDER}/1/original.png", path, "image/png")  # the bucket is made at the first upload
    tracemalloc.start()
    await files.put_file(f"{FOLDER}/1/original.png", path, "image/png")
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    read = await files.get(f"{FOLDER}/1/original.png")  # checks the digest
    assert (read.data, read.content_type) == (path.read_bytes(), "image/png")
    pieces = await asyncio.to_thread(lambda: list(files.pieces(f"{FOLDER}/1/original.png")))
    assert b"".join(pieces) == read.data
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 20 * PIECE


async def test_a_missing_file_is_told_before_its_first_piece(files: S3Files) -> None:
    await files.put("anything", b"-", "text/plain")
    with pytest.raises(KeyError):
        await asyncio.to_thread(files.pieces, f"{FOLDER}/none.png")
    with pytest.raises(KeyUnusable):
        await asyncio.to_thread(files.pieces, "../none.png")


async def test_a_folder_is_deleted_and_its_neighbours_stay(files: S3Files) -> None:
    for name in ("1/original.png", "1/original-thumb.jpg", "1/deep/er.png", "11/original.png", "1.png"):
        await files.put(f"{FOLDER}/{name}", b"-", "image/png")
    await files.delete_folder(f"{FOLDER}/1")
    await files.delete_folder(f"{FOLDER}/1")  # once more changes nothing
    left = [
        name for name in ("1/original.png", "1/deep/er.png", "11/original.png", "1.png") if await exists(files, name)
    ]
    assert left == ["11/original.png", "1.png"]


@pytest.mark.parametrize("folder", ["", "/", "..", "a//b", "a/../b"])
async def test_no_folder_means_more_than_itself(files: S3Files, folder: str) -> None:
    with pytest.raises(KeyUnusable):
        await files.delete_folder(folder)


async def exists(files: S3Files, name: str) -> bool:
    try:
        await files.size(f"{FOLDER}/{name}")
    except KeyError:
        return False
    return True
