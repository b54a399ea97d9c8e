"""The made-up records of a trial installation: believable, repeatable, and as the table takes them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from PIL import Image

from demo.seeding import orders, pictures, records, words
from demo.seeding.records import Pair, Row
from domain.story import needs
from domain.task_history.records import TaskStatus

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
FIRST = UUID("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
PAIRS = [Pair("a-original.jpg", "a-generated.jpg", "3:4", "coffee")]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(records.rows(3000, FIRST, PAIRS, NOW))


def test_one_of_several_users_has_most_and_the_newest(rows: list[Row]) -> None:
    counted = Counter(row["user_id"] for row in rows)
    assert len(counted) == records.USERS
    assert counted[FIRST] > len(rows) / 2
    pending = [row for row in rows if row["status"] is TaskStatus.PENDING]
    assert {row["user_id"] for row in pending} == {FIRST}
    assert all(NOW - row["created_at"] < timedelta(hours=1) for row in pending)


def test_they_span_a_year_with_failures_favourites_and_ratings(rows: list[Row]) -> None:
    ages = [NOW - row["created_at"] for row in rows]
    assert min(ages) >= timedelta(0)
    assert timedelta(days=300) < max(ages) < timedelta(days=367)
    for share in ("failed", "favourite", "rated"):
        found = {
            "failed": [row for row in rows if row["status"] is TaskStatus.FAILED],
            "favourite": [row for row in rows if row["favourite"]],
            "rated": [row for row in rows if row["rating"]],
        }[share]
        assert 0.02 < len(found) / len(rows) < 0.3, share


def test_the_table_takes_them(rows: list[Row]) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert (row["status"] is TaskStatus.PENDING) == (row["completed_at"] is None)
        assert (row["status"] is TaskStatus.FAILED) == bool(row["error_message"])
        assert (row["status"] is TaskStatus.COMPLETED) == bool(row["aws_generated_key"])
        assert "{" not in row["prompt"]


def test_what_they_ask_for_is_in_the_picture(rows: list[Row]) -> None:
    assert all(any(subject in row["prompt"] for subject in words.SUBJECTS["coffee"]) for row in rows)
    assert {path.stem for path in pictures.PHOTOS.glob("*.*g")} == set(words.SUBJECTS)


def test_they_are_the_same_every_time() -> None:
    first, again = (list(records.rows(50, FIRST, PAIRS, now)) for now in (NOW, NOW + timedelta(days=1)))
    assert [row["id"] for row in first] == [row["id"] for row in again]
    assert [row["prompt"] for row in first] == [row["prompt"] for row in again]


@pytest.mark.parametrize("number", range(5))
def test_a_pair_of_pictures_is_real_and_of_its_shape(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = pictures.make(number)
    assert set(made) == {"original", "generated", "original-thumb", "generated-thumb"}
    file = tmp_path_factory.mktemp("pair") / "generated.jpg"
    file.write_bytes(made["generated"])
    width, height = map(int, pictures.RATIOS[number % len(pictures.RATIOS)].split(":"))
    with Image.open(file) as picture:
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.05)
    assert made == pictures.make(number)


def test_the_orders_of_the_board_live_by_the_rules_and_need_staff_in_several_ways() -> None:
    made = list(orders.orders(PAIRS, NOW, "Asia/Shanghai"))
    assert [one.order.order_id for one in made[:3]] == [
        one.order.order_id for one in orders.orders(PAIRS, NOW, "Asia/Shanghai", 3)
    ]
    kinds = Counter(need.kind for one in made for need in needs.of(one.order))
    assert set(kinds) >= {"payment", "risk", "answer", "designer", "refund"}
    assert sum(one.order.status == "completed" for one in made) > len(made) / 2
    assert min(one.order.created_at for one in made) > NOW - timedelta(days=32)
    assert all(one.calls for one in made if one.order.status == "completed")
