"""A backup of a running stack, from which orders go on to the letter although everything else is gone."""

import asyncio
import io
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.keys import ApiKeys, new_key
from adapters.db.records import PostgresRecords
from adapters.db.task_history.statistics import TaskStatistics
from adapters.db.task_history.tasks import TaskHistory
from domain.task_history.plans import Plan
from domain.task_history.records import NewTask, Period, TaskType
from domain.task_history.users import User
from domain.vocabulary.errors import NoSuchTask
from domain.vocabulary.status import Status
from runtime import wiring
from runtime.paths import ROOT
from runtime.settings import Settings
from stack.backup import back_up
from stack.errors import CannotBackUp
from stack.plan import StackOptions
from stack.restore import restore
from stack.up import Stack
from starter import orders
from starter.catching_up import catch_up
from starter.client import connect
from tests.conftest import DEFAULTS
from tests.integration.orders.conftest import RealOrder, RealShop, eventually

USER = User(uuid.uuid4())
PLAN = Plan(records_per_month=9, upload_mb=9, storage_mb=9, credits_per_month=9, may_export=True)
OPTIONS = StackOptions(provider="gemini-simulator", usual_ports=False)


def a_photo() -> bytes:
    copy = io.BytesIO()
    with Image.open(ROOT / "demo" / "photos" / "coffee.jpg") as coffee:
        coffee.save(copy, "JPEG", quality=90, comment=uuid.uuid4().bytes)
    return copy.getvalue()


@asynccontextmanager
async def shop_on(data: Path) -> AsyncIterator[RealShop]:
    """Everything that `make up` starts, on a data folder."""
    async with Stack(data, OPTIONS, user=DEFAULTS) as stack:
        values: dict[str, Any] = {name.lower(): value for name, value in stack.env.items()}
        settings = Settings(_env_file=None, **values)
        client = await connect(settings.temporal_address, settings.temporal_namespace)
        yield RealShop(stack.env, settings, client, data)


@asynccontextmanager
async def gateway_of(shop: RealShop) -> AsyncIterator[AsyncEngine]:
    """The pool of the shop's gateway, who is bound by row-level security."""
    password = (shop.logs / "secrets" / "darkroom_gateway").read_text()
    url = make_url(shop.settings.database_url).set(username="darkroom_gateway", password=password)
    engine = create_engine(url.render_as_string(hide_password=False))
    yield engine
    await engine.dispose()


async def rows_of(shop: RealShop) -> dict[str, tuple[str, int]]:
    return {row["order_id"]: (row["status"], row["version"]) for row in await shop.rows("SELECT * FROM orders")}


async def says_yes(order: RealOrder) -> None:
    await order.signal("customer_message", event_id="yes", text="可以,发到 wang@example.com")
    await order.reaches(Status.COMPLETED)
    original = (await orders.snapshot(order.shop.client, order.order_id)).live[0]
    assert original.result is not None
    (letter,) = await eventually(lambda: order.shop.ledger("mailbox", order=order.order_id))
    stored = await wiring.files(order.shop.settings).get(original.result.file.key)
    assert [file["sha256"] for file in letter["attachments"]] == [sha256(stored.data).hexdigest()]


async def is_being_made(shop: RealShop) -> RealOrder:
    """An order whose picture a model never finishes."""
    photo = a_photo()
    await shop.ask_for_fault("gemini", fault="hang", kind="image", times=9, input_sha256=sha256(photo).hexdigest())
    order = await shop.new_order(photo)
    await order.pay(await order.is_quoted())
    await eventually(order.calls)
    return order


@pytest.mark.timeout(280)
async def test_orders_in_every_state_go_on_from_a_backup_when_all_else_is_gone(tmp_path: Path) -> None:
    data, copy, fresh = tmp_path / "某 店", tmp_path / "copies" / "monday", tmp_path / "another shop"
    key = new_key()
    async with shop_on(data) as shop:
        engine = wiring.engine(shop.settings)
        await ApiKeys(engine).add(key, "a bot", ["bot"])
        await engine.dispose()
        made = await is_being_made(shop)
        quoted, shown, done = [await shop.new_order(a_photo()) for _ in range(3)]
        price = await quoted.is_quoted()
        await shown.is_shown()
        await done.is_shown()
        await says_yes(done)
        async with gateway_of(shop) as engine:
            record = await TaskHistory(engine).create(USER, NewTask(TaskType.IMAGE_EDIT, "a cat"), plan=PLAN, price=1)
        facts = await back_up(shop.settings, data, copy)
        assert facts["pictures"]
        with pytest.raises(CannotBackUp, match="already exists"):
            await back_up(shop.settings, data, copy)
        lost = await shop.new_order(a_photo())  # after the backup: it is not in there
        await lost.is_quoted()
    await asyncio.to_thread(shutil.rmtree, data)

    await restore(copy, fresh, DEFAULTS)
    with pytest.raises(CannotBackUp, match="is not empty"):
        await restore(copy, fresh, DEFAULTS)
    async with shop_on(fresh) as shop:
        for order in (made, quoted, shown, done):
            order.shop = shop
        assert lost.order_id not in await rows_of(shop)
        async with gateway_of(shop) as engine:
            assert await TaskHistory(engine).task(USER, record.id) == record
            with pytest.raises(NoSuchTask):
                await TaskHistory(engine).task(User(uuid.uuid4()), record.id)
            assert (await TaskStatistics(engine).of(USER, Period.ALL)).total_tasks == 1
        await made.reaches(Status.AWAITING_CONFIRM)
        assert (await done.until(lambda o: True)).status is Status.COMPLETED
        await quoted.pay(price)
        await quoted.reaches(Status.AWAITING_CONFIRM)
        await asyncio.gather(says_yes(made), says_yes(quoted), says_yes(shown))
        payments = await shop.rows("SELECT order_id FROM payments")
        assert sorted(row["order_id"] for row in payments) == sorted(
            order.order_id for order in (made, quoted, shown, done)
        )
        engine = wiring.engine(shop.settings)
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as bot:
            answer = await bot.get(f"{shop.settings.gateway_url}/api/orders/{done.order_id}")
            assert answer.json()["status"] == Status.COMPLETED
        await _falls_behind(shop, done)
        assert await catch_up(shop.client, PostgresRecords(engine)) == 4
        await engine.dispose()
        for order_id, row in (await rows_of(shop)).items():
            truth = await orders.snapshot(shop.client, order_id)
            assert row == (truth.status, truth.version)


async def _falls_behind(shop: RealShop, order: RealOrder) -> None:
    """Let the row of an order be older than its history, as when rows were copied a moment earlier."""
    engine = wiring.engine(shop.settings)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE orders SET status = 'awaiting_confirm', version = 1 WHERE order_id = '{order.order_id}'"
        )
    await engine.dispose()


async def test_without_a_running_stack_there_is_nothing_to_copy(tmp_path: Path) -> None:
    with pytest.raises(CannotBackUp, match="no stack is running on"):
        await back_up(DEFAULTS, tmp_path, tmp_path / "copy")


async def test_half_a_backup_is_none(tmp_path: Path) -> None:
    with pytest.raises(CannotBackUp, match="is not a complete backup"):
        await restore(tmp_path, tmp_path / "data", DEFAULTS)
