"""Which files upkeep may delete: those of records without a row, never those of an order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.upkeep import files
from domain.upkeep.ports import StoredFile
from domain.vocabulary import ids

NOW = datetime(2026, 11, 30, tzinfo=UTC)
USER, RECORD = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CORES = st.from_regex(r"[0-9]{8}_[2-9A-HJ-NP-Z]{6}", fullmatch=True)
OWNERS = st.one_of(st.uuids().map(str), st.text(min_size=1, max_size=80))


def of_records(*keys: str, age: timedelta = timedelta(days=2)) -> list[str]:
    found = files.of_records([StoredFile(key, NOW - age) for key in keys], NOW - timedelta(days=1))
    return [one.key for one in found]


@given(OWNERS, CORES, st.integers(1, 999), st.text(alphabet="abc-.1", min_size=1))
def test_a_file_of_an_order_is_never_one_of_a_record(owner: str, core: str, number: int, name: str) -> None:
    assert of_records(f"{ids.folder(owner, f'TASK_{core}_{number}')}/{name}") == []


@given(st.uuids(), st.uuids(), st.sampled_from(["original.jpg", "generated.png", "original-thumb.jpg"]))
def test_a_file_in_the_folder_of_a_record_is_its_file(user: UUID, record: UUID, name: str) -> None:
    key = f"{ids.folder(str(user), str(record))}/{name}"
    assert of_records(key) == [key]
    assert of_records(key, age=timedelta(hours=23)) == []


@pytest.mark.parametrize(
    "key",
    [
        f"task-history/{USER}/seed/001-original.jpg",
        f"task-history/{USER}/{RECORD}",
        f"task-history/{USER}/{RECORD}/",
        f"task-history/{USER}/{RECORD}/more/original.jpg",
        f"task-history/{USER.upper()}/{RECORD.upper()}/original.jpg".replace("1", "A"),
        f"task-history/wang/{RECORD}/original.jpg",
        f"uploads/{USER}/{RECORD}/original.jpg",
        f"task-history/{USER}/{RECORD}\n/original.jpg",
        f"library/{RECORD}.jpg",
        "",
    ],
)
def test_what_is_not_exactly_a_record_s_file_is_left_alone(key: str) -> None:
    assert of_records(key) == []


def test_orphans_are_files_whose_record_is_not_known() -> None:
    other = RECORD.replace("2", "3")
    found = files.of_records(
        [StoredFile(f"task-history/{USER}/{record}/a.jpg", NOW - timedelta(days=9)) for record in (RECORD, other)], NOW
    )
    assert files.orphans(found, {UUID(RECORD)}) == [f"task-history/{USER}/{other}/a.jpg"]
