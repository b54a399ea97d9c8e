"""The photo library: what enters it by itself, what is found, and by whom."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.library import PostgresLibrary, alike
from adapters.db.records import PostgresRecords
from domain.library.photos import MOST_DISTANCE, Asker, Search, as_number, distance
from domain.order.order import Order
from domain.vocabulary.pictures import Analysis, StoredPicture
from domain.vocabulary.status import Status
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import TASK_ID, finished_order, new_order, stored

OWNER, STRANGER = Asker("tb_001", "shop1"), Asker("tb_002", "shop1")
LOOKS = "f0e1d2c3b4a59687"
PHOTOS = "SELECT * FROM photo ORDER BY key"
TAGS = "SELECT p.kind, t.name FROM photo_tag JOIN photo p ON p.id = photo_id JOIN tag t ON t.id = tag_id ORDER BY 1, 2"


@pytest.fixture
def library(engine: AsyncEngine) -> PostgresLibrary:
    return PostgresLibrary(engine)


def original(likeness: str = LOOKS, key: str = "original.jpg") -> StoredPicture:
    return stored(key).model_copy(update={"likeness": likeness})


def order_with(analysis: Analysis | None = None, likeness: str = LOOKS) -> Order:
    order = new_order()
    order.pictures[0].original, order.pictures[0].analysis = original(likeness), analysis
    return order


async def fill(query: Query, records: PostgresRecords, hashes: Sequence[str], customer: str = "tb_001") -> None:
    """A library of these hashes, which all belong to one task."""
    await records.save(new_order())
    await query(
        "INSERT INTO photo (key, kind, task_id, order_id, customer_id, acc_id, view_key, hash, width, height) "
        "SELECT 'k' || number, 'original', :task, 'O', :customer, 'shop1', 'v', hash, 1, 1 "
        "FROM unnest(CAST(:hashes AS bigint[])) WITH ORDINALITY AS given(hash, number)",
        task=TASK_ID,
        customer=customer,
        hashes=[as_number(one) for one in hashes],
    )
    await query("ANALYZE photo")


# ---- what enters by itself -------------------------------------------------------------------------------------------


async def test_an_original_and_the_result_before_the_customer_enter_with_the_rows(
    records: PostgresRecords, query: Query
) -> None:
    order = finished_order()
    order.pictures[0].original = original()
    order.owner = "user-1"
    await records.save(order)
    rows = await query(PHOTOS)
    facts = [(row["key"], row["kind"], row["view_key"], row["hash"], row["shareable"]) for row in rows]
    assert facts == [
        ("attempt-3.png", "result", "view.jpg", None, False),
        ("original.jpg", "original", "original.jpg", as_number(LOOKS), False),
    ]
    assert {(row["task_id"], row["customer_id"], row["acc_id"], row["owner"]) for row in rows} == {
        (TASK_ID, "tb_001", "shop1", "user-1")
    }


async def test_saved_again_it_is_the_same_photo(records: PostgresRecords, query: Query) -> None:
    order = order_with(Analysis(subject="猫"))
    await records.save(order)
    before = await query(PHOTOS), await query(TAGS)
    order.version += 1
    await records.save(order)
    assert (await query(PHOTOS), await query(TAGS)) == before


async def test_a_later_result_enters_beside_the_earlier_one(records: PostgresRecords, query: Query) -> None:
    order = finished_order()
    await records.save(order)
    order.version, order.pictures[0].attempts[-1].result.file = 8, stored("attempt-4.png")
    await records.save(order)
    keys = [row["key"] for row in await query(PHOTOS)]
    assert keys == ["attempt-3.png", "attempt-4.png", "original.jpg"]


async def test_tags_come_with_the_analysis_even_after_the_picture(records: PostgresRecords, query: Query) -> None:
    order = order_with()
    await records.save(order)
    assert await query(TAGS) == []
    order.version, order.pictures[0].analysis = 1, Analysis(subject=" 猫、草地 ", proc_type="Enhance")
    await records.save(order)
    assert [row["name"] for row in await query(TAGS)] == ["enhance", "猫", "草地"]


async def test_another_analysis_takes_the_place_of_the_first(records: PostgresRecords, query: Query) -> None:
    order = order_with(Analysis(subject="狗", proc_type="enhance"))
    await records.save(order)
    order.version, order.pictures[0].analysis = 1, Analysis(subject="猫", proc_type="enhance")
    await records.save(order)
    assert [row["name"] for row in await query(TAGS)] == ["enhance", "猫"]


async def test_an_older_snapshot_takes_no_tags_back(records: PostgresRecords, query: Query) -> None:
    order = order_with(Analysis(subject="猫"))
    order.version = 5
    await records.save(order)
    order.version, order.pictures[0].analysis = 4, None
    await records.save(order)
    assert [row["name"] for row in await query(TAGS)] == ["猫"]


async def test_orders_that_enter_the_same_tags_at_once_all_enter(records: PostgresRecords, query: Query) -> None:
    subjects = ["猫", "狗", "树", "天空", "花"]
    orders = []
    for number in range(20):
        order = order_with(Analysis(subject=",".join(subjects[number % 5 :] + subjects[: number % 5])))
        task_id = f"TASK_20261122_22222{chr(ord('A') + number)}_1"
        order.order_id, order.pictures[0].task_id, order.journal = f"ORDER_{number}", task_id, []
        order.pictures[0].original = original(key=f"{number}.jpg")
        orders.append(order)
    await asyncio.gather(*map(records.save, orders))
    assert await query("SELECT count(*) AS tags FROM tag") == [{"tags": 5}]
    assert await query("SELECT count(*) AS borne FROM photo_tag") == [{"borne": 100}]


# ---- what is found ---------------------------------------------------------------------------------------------------


async def test_exactly_what_brute_force_finds_is_found(
    library: PostgresLibrary, records: PostgresRecords, query: Query
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    asked = [f"{dice.getrandbits(64):016x}" for _ in range(20)]
    # Random hashes are far from each other: neighbours at every distance are put among them, up to just too far.
    near = [_changed(one, bits, dice) for one in asked for bits in range(MOST_DISTANCE + 3) for _ in range(2)]
    hashes = [f"{dice.getrandbits(64):016x}" for _ in range(5000)] + near
    await fill(query, records, hashes)
    for one in asked:
        hits = await library.find(Search(OWNER, likeness=one, limit=1000))
        expected = sorted(found for other in hashes if (found := distance(one, other)) <= MOST_DISTANCE)
        assert [hit.distance for hit in hits] == expected
        assert len(hits) >= 2 * (MOST_DISTANCE + 1)


def _changed(likeness: str, bits: int, dice: random.Random) -> str:
    changed = int(likeness, 16)
    for bit in dice.sample(range(64), bits):
        changed ^= 1 << bit
    return f"{changed:016x}"


async def test_bits_that_differ_in_every_part_are_found_too(
    library: PostgresLibrary, records: PostgresRecords, query: Query
) -> None:
    """Seven bits as evenly over the parts as they go, and with the highest bit, which is the sign."""
    await fill(query, records, ["8003000300030001", "0000000000000000", "ffffffffffffffff"])
    hits = await library.find(Search(OWNER, likeness="0000000000000000", limit=9))
    assert [hit.distance for hit in hits] == [0]
    hits = await library.find(Search(OWNER, likeness="8001000100010000", limit=9))
    assert [hit.distance for hit in hits] == [4, 4]


async def test_the_search_reads_the_index_and_never_the_whole_table(
    records: PostgresRecords, query: Query, engine: AsyncEngine
) -> None:
    dice = random.Random(7)
    await fill(query, records, [f"{dice.getrandbits(64):016x}" for _ in range(20_000)])
    plan = await _plan(engine, Search(STRANGER, likeness=LOOKS))
    await query("UPDATE photo SET shareable = true, shown_key = 'k'")
    await query("ANALYZE photo")
    plan_of_shared = await _plan(engine, Search(STRANGER, likeness=LOOKS))
    assert "Seq Scan" not in plan + plan_of_shared
    for number in range(1, 5):
        assert f"ix_photo_hash_part_{number}" in plan_of_shared


async def _plan(engine: AsyncEngine, search: Search) -> str:
    statement = alike(search)
    sql = str(statement.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True}))
    async with engine.connect() as connection:
        return "\n".join((await connection.execute(text("EXPLAIN " + sql.replace(":", r"\:")))).scalars())


@pytest.mark.parametrize(
    "search",
    [
        {"tags": ["猫"]}, {"tags": ["橘猫"]}, {"words": "找一张橘猫坐在窗台上的照片"}, {"words": "有没有 橘猫 的图"},
        {"tags": ["Red Cat"]}, {"words": "do you have a red cat?"}, {"words": "窗台"},
    ],
)  # fmt: skip
async def test_a_picture_is_found_by_its_tags_in_any_language(
    library: PostgresLibrary, records: PostgresRecords, search: dict[str, Any]
) -> None:
    await records.save(order_with(Analysis(subject="橘猫、窗台,red cat,一只橘猫坐在窗台上")))
    hits = await library.find(Search(OWNER, **search))
    assert [hit.kind for hit in hits] == ["original"]
    assert hits[0].distance is None


@pytest.mark.parametrize("search", [{"tags": ["狗"]}, {"words": "education"}, {"words": "at"}, {"words": "?!"}, {}])
async def test_other_words_find_nothing(
    library: PostgresLibrary, records: PostgresRecords, search: dict[str, Any]
) -> None:
    await records.save(order_with(Analysis(subject="橘猫,cat,♥")))
    assert await library.find(Search(OWNER, **search)) == []


async def test_what_looks_alike_comes_before_what_is_only_named_so(
    library: PostgresLibrary, records: PostgresRecords
) -> None:
    order = new_order(pictures=2)
    order.pictures[0].original, order.pictures[0].analysis = original("0" * 16, "a.jpg"), Analysis(subject="猫")
    order.pictures[1].original = original(LOOKS, "b.jpg")
    await records.save(order)
    hits = await library.find(Search(OWNER, likeness=LOOKS[:-1] + "6", tags=["猫"]))
    assert [(hit.key, hit.distance) for hit in hits] == [("b.jpg", 1), ("a.jpg", 31)]
    (best,) = await library.find(Search(OWNER, likeness=LOOKS, tags=["猫"], limit=1))
    assert best.key == "b.jpg"


async def test_of_what_looks_alike_the_one_that_bears_the_tags_comes_first(
    library: PostgresLibrary, records: PostgresRecords
) -> None:
    order = new_order(pictures=2)
    order.pictures[0].original, order.pictures[0].analysis = original(key="a.jpg"), Analysis(subject="猫")
    order.pictures[1].original = original(key="b.jpg")
    await records.save(order)
    hits = await library.find(Search(OWNER, likeness=LOOKS, tags=["猫"]))
    assert [hit.key for hit in hits] == ["a.jpg", "b.jpg"]


# ---- by whom ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [{"likeness": LOOKS}, {"tags": ["猫"]}, {"words": "猫", "likeness": LOOKS}])
@pytest.mark.parametrize("asker", [STRANGER, replace(OWNER, acc_id="shop2"), replace(OWNER, acc_id="")])
async def test_nobody_finds_another_customers_picture_unless_it_is_shared(
    library: PostgresLibrary, records: PostgresRecords, query: Query, asker: Asker, by: dict[str, Any]
) -> None:
    """The same id at another shop may be somebody else: ids of customers are the platform's."""
    await records.save(order_with(Analysis(subject="猫")))
    assert [hit.is_own for hit in await library.find(Search(OWNER, **by))] == [True]
    assert await library.find(Search(asker, **by)) == []
    await query("UPDATE photo SET shareable = true, shown_key = 'library/1.jpg'")
    (hit,) = await library.find(Search(asker, **by))
    assert (hit.is_own, hit.shown_key) == (False, "library/1.jpg")


async def test_a_result_is_delivered_once_its_task_is_completed_with_it(
    library: PostgresLibrary, records: PostgresRecords
) -> None:
    order = finished_order()
    order.pictures[0].attempts[-1].result.file = original(key="attempt-3-generated.png")
    await records.save(order)
    (hit,) = await library.find(Search(OWNER, likeness=LOOKS))
    assert hit.is_delivered
    order.version, order.pictures[0].status = 8, Status.REVISION
    await records.save(order)
    (hit,) = await library.find(Search(OWNER, likeness=LOOKS))
    assert not hit.is_delivered


async def test_nothing_is_shared_without_a_copy(records: PostgresRecords, query: Query) -> None:
    await records.save(order_with())
    with pytest.raises(Exception, match="ck_photo_shared_by_a_copy"):
        await query("UPDATE photo SET shareable = true")
