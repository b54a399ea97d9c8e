"""What is older than the shop keeps it goes with its files, in batches; the books, and all that is younger, stay."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.retention import Retention
from adapters.db.retention import PostgresOldRows
from domain.upkeep.work import Kept
from domain.vocabulary.errors import OutsideUnavailable
from runtime.settings import Settings
from tests.fake_history import FakeFolder
from tests.integration.adapters.db.test_customer_data import TODAY, everything, ids_of, plant, texts

MARK, DAYS, MOST = "卡娜丽", 60, 100
LATER = TODAY + timedelta(days=DAYS + 1)
OLD, YOUNG = ids_of("kanari"), ids_of("jung")
# What of an order names a picture, and what its customer is called in ids.
OF_PICTURES = {
    ("image_tasks", "original_image"), ("image_tasks", "result_image"), ("image_generation_task", "input_image_url"),
    ("image_generation_task", "input_image_id"), ("generation_result", "generated_image_url"),
    ("generation_result", "generated_image_id"), ("generation_result", "sha256"), ("customers", "last_picture"),
}  # fmt: skip
LATE = (
    "INSERT INTO order_events (event_id, order_id, serial, at, what, by, facts) VALUES (:id, 'ORDER_x', 1, :at,"
    """ 'late_event', 'sender', '{"signal": "payment_received", "payload": {"amount": "18", "reason": "卡娜丽"}}')"""
)
SESSION = (
    "INSERT INTO sessions (hash, user_id, role, plan, name, client, token_id, token_issued_at, token_expires_at,"
    " seen_at, expires_at) VALUES (:h, :id, 'user', '', '', '', '', :at, :at, :at, :at)"
)
OLD_ROW = {
    Kept.KEYS: "INSERT INTO idempotency_keys (scope, key, fingerprint, order_id, created_at)"
    " VALUES ('s', :id, '', '', :at)",
    Kept.SET_ASIDE: "INSERT INTO quarantined_rows (row_id, table_name, key, reason, row, is_whole, created_at)"
    " VALUES (:id, '', '', '', '', true, :at)",
}


class Shop:
    """The rows of a schema, and files that lie in memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.folder = engine, FakeFolder()

    async def upkeep(self, *kinds: Kept, most: int = MOST, now: datetime = LATER) -> dict[str, int]:
        """Remove a batch of these kinds, each kept for as many days."""
        retention = Retention(PostgresOldRows(self.engine), self.folder, dict.fromkeys(kinds, DAYS))
        return await retention.remove_batch(now, most)

    async def execute(self, *statements: str, **values: Any) -> None:
        async with self.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement), values)

    async def marked(self) -> set[tuple[str, str]]:
        """In which columns something of the customer stands."""
        return {
            (name, column)
            for name, rows in (await everything(self.engine)).items()
            for row in rows
            for column, value in row.items()
            if MARK in texts(value)
        }


@pytest.fixture
async def shop(engine: AsyncEngine) -> Shop:
    """Two finished orders, to the younger of which something has happened since."""
    await plant(engine, "kanari", MARK)
    await plant(engine, "jung", "别人")
    shop = Shop(engine)
    await shop.execute(
        "UPDATE orders SET pictures_removed_at = NULL, words_removed_at = NULL, refund_due = false",
        "UPDATE customers SET last_picture = (SELECT original_image FROM image_tasks t WHERE t.customer_id ="
        " customers.customer_id)",
    )
    young = "UPDATE order_events SET at = :at WHERE order_id = :order_id"
    await shop.execute(young, at=TODAY + timedelta(days=30), order_id=YOUNG["order_id"])
    return shop


async def test_pictures_go_with_their_files_and_the_words_stay(shop: Shop) -> None:
    before = await shop.marked()
    folder = f"task-history/{MARK}_owner/{OLD['task_id']}"
    others = f"task-history/customer/{YOUNG['task_id']}/1.jpg"
    shop.folder.stored = dict.fromkeys([f"{folder}/original.jpg", f"{folder}/result.png", others], TODAY)
    shop.folder.stored[f"{MARK} shown_key"] = TODAY  # a copy that everybody might see
    assert await shop.upkeep(Kept.PICTURES) == {"pictures": 1, "files": 2}
    assert set(shop.folder.stored) == {others}
    gone = {(table, column) for table, column in before if table in {"photo", "user_task_history"}} | OF_PICTURES
    assert before - await shop.marked() == gone
    assert await shop.upkeep(Kept.PICTURES) == {}


async def test_words_go_and_the_pictures_stay(shop: Shop) -> None:
    before = await shop.marked()
    assert await shop.upkeep(Kept.WORDS) == {"words": 1}
    left = await shop.marked()
    ids = {("orders", "owner"), ("order_events", "task_id")}
    of_pictures = {(table, column) for table, column in before if table in {"photo", "user_task_history"}}
    assert left == (before & OF_PICTURES - {("customers", "last_picture")}) | of_pictures | (before & ids)
    assert await shop.upkeep(Kept.WORDS) == {}


async def test_the_books_and_whatever_is_younger_stay(shop: Shop) -> None:
    before = await everything(shop.engine)
    await shop.upkeep(*Kept)
    after = await everything(shop.engine)
    young = {name: [row for row in rows if "别人" in texts(row)] for name, rows in before.items()}
    by_age = {"idempotency_keys", "quarantined_rows"}  # they go by their own age, whosever they are
    assert {
        name: [row for row in rows if "别人" in texts(row)] for name, rows in after.items() if name not in by_age
    } == {name: rows for name, rows in young.items() if name not in by_age}
    assert after["payments"] == before["payments"]
    books = ("order_id", "customer_id", "amount_paid", "amount_refunded", "currency", "created_at", "paid_at")
    for was, now in zip(before["orders"], after["orders"], strict=True):
        assert [was[name] for name in books] == [now[name] for name in books]
    costs = [(row["task_id"], row["model"], row["cost"]) for row in after["image_generation_task"]]
    assert costs == [(row["task_id"], row["model"], row["cost"]) for row in before["image_generation_task"]]
    assert [row["event_id"] for row in after["order_events"]] == [row["event_id"] for row in before["order_events"]]


@pytest.mark.parametrize(
    "change", ["status = 'with_designer'", "status = 'failed'", "refund_due = true", f"created_at = '{LATER}'"]
)
async def test_an_order_that_is_not_over_keeps_everything(shop: Shop, change: str) -> None:
    await shop.execute(f"UPDATE orders SET {change}")
    before = await everything(shop.engine)
    assert await shop.upkeep(Kept.PICTURES, Kept.WORDS) == {}
    assert await everything(shop.engine) == before


async def test_nothing_goes_whose_days_are_not_over_or_that_is_kept_forever(shop: Shop) -> None:
    before = await everything(shop.engine)
    assert await shop.upkeep(*Kept, now=TODAY + timedelta(days=DAYS)) == {}
    assert (
        await Retention(PostgresOldRows(shop.engine), shop.folder, dict.fromkeys(Kept, 0)).remove_batch(LATER, 9) == {}
    )
    assert await everything(shop.engine) == before


async def test_a_batch_that_breaks_off_is_done_again(shop: Shop) -> None:
    before = await everything(shop.engine)
    shop.folder.failure = OutsideUnavailable("storage is away")
    with pytest.raises(OutsideUnavailable):
        await shop.upkeep(Kept.PICTURES)
    assert await everything(shop.engine) == before
    shop.folder.failure = None
    assert await shop.upkeep(Kept.PICTURES) == {"pictures": 1}


async def test_a_profile_stays_until_the_last_order_of_its_customer_is_too_old(shop: Shop) -> None:
    await shop.execute("UPDATE orders SET customer_id = 'kanari'")
    await shop.upkeep(Kept.WORDS)
    assert ("customers", "name") in await shop.marked()
    assert await shop.upkeep(Kept.WORDS, now=LATER + timedelta(days=30)) == {"words": 1}
    assert ("customers", "name") not in await shop.marked()


async def test_a_question_without_an_order_goes_with_its_files(shop: Shop) -> None:
    await shop.execute("UPDATE dispatches SET order_id = NULL, removed_at = NULL, task_id = 'TRANSFER_1'")
    file = "task-history/kanari/TRANSFER_1/question.jpg"
    shop.folder.stored = {file: TODAY}
    removed = await shop.upkeep(Kept.WORDS)
    assert (removed["questions"], removed["files"], shop.folder.stored) == (2, 1, {})
    assert {row["reason"] for row in (await everything(shop.engine))["dispatches"]} == {""}
    assert "questions" not in await shop.upkeep(Kept.WORDS)


async def test_of_a_late_event_the_money_stays(shop: Shop) -> None:
    for age in (0, 2):
        await shop.execute(LATE, id=f"late-{age}", at=LATER - timedelta(days=DAYS - 1 + age))
    assert (await shop.upkeep(Kept.WORDS))["late_events"] == 1
    facts = {row["event_id"]: row["facts"] for row in (await everything(shop.engine))["order_events"]}
    assert facts["late-2"] == {"signal": "payment_received", "booked": {"amount": "18"}}
    assert facts["late-0"]["payload"]["reason"] == MARK
    assert "late_events" not in await shop.upkeep(Kept.WORDS)


@pytest.mark.parametrize(("kind", "table"), [(Kept.KEYS, "idempotency_keys"), (Kept.SET_ASIDE, "quarantined_rows")])
async def test_keys_and_refused_rows_go_by_their_age_batch_by_batch(shop: Shop, kind: Kept, table: str) -> None:
    await shop.execute(f"UPDATE {table} SET created_at = '{LATER}'")
    for number in range(5):
        await shop.execute(OLD_ROW[kind], id=f"{uuid.uuid4()}", at=TODAY - timedelta(days=number))
    assert [await shop.upkeep(kind, most=2) for _ in range(4)] == [{kind.value: n} for n in (2, 2, 1)] + [{}]
    assert len((await everything(shop.engine))[table]) == 2


async def test_sessions_and_revocations_go_once_they_have_ended(shop: Shop) -> None:
    for age in range(3):
        at, values = LATER - timedelta(days=DAYS - 1 + 2 * age), {"id": uuid.uuid4(), "h": str(age)}
        await shop.execute(SESSION, at=at, **values)
        await shop.execute("INSERT INTO token_revocations VALUES (:h, :at, :at)", at=at, h=values["h"])
    assert await shop.upkeep(Kept.SESSIONS, Kept.REVOCATIONS) == {"sessions": 2, "revocations": 2}
    left = await everything(shop.engine)
    assert ([row["hash"] for row in left["sessions"]], [row["subject"] for row in left["token_revocations"]]) == (
        ["0"],
        ["0"],
    )


def test_a_session_that_has_ended_goes_the_next_night() -> None:
    kept = Settings(_env_file=None).kept_days
    assert (kept[Kept.SESSIONS], kept[Kept.REVOCATIONS]) == (1, 1)


@pytest.mark.parametrize(
    ("index", "of"),
    [
        ("ix_orders_pictures_kept", "orders WHERE pictures_removed_at IS NULL AND created_at < now()"),
        ("ix_orders_words_kept", "orders WHERE words_removed_at IS NULL AND created_at < now()"),
        (
            "ix_dispatches_questions_kept",
            "dispatches WHERE order_id IS NULL AND removed_at IS NULL AND closed_at < now()",
        ),
        ("ix_order_events_late", "order_events WHERE what = 'late_event' AND facts ? 'payload' AND at < now()"),
        ("ix_idempotency_keys_created_at", "idempotency_keys WHERE created_at < now()"),
        ("ix_sessions_expires_at", "sessions WHERE expires_at < now()"),
        ("ix_token_revocations_expires_at", "token_revocations WHERE expires_at < now()"),
    ],
)
async def test_what_is_due_is_found_by_an_index(engine: AsyncEngine, index: str, of: str) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        plan = "\n".join((await connection.execute(text(f"EXPLAIN SELECT 1 FROM {of}"))).scalars())
    assert index in plan
