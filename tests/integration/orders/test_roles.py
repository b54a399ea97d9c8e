"""Worker and gateway as a role that owns nothing: docs/database-roles.sql is enough for a whole order."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from adapters.db import migrate
from adapters.db.keys import ApiKeys, new_key
from domain.vocabulary.status import Status
from gateway.app import create_app
from runtime.paths import ROOT
from runtime.wiring import engine as engine_of
from tests.integration.gateway.serving import served
from tests.integration.orders.conftest import RealShop
from tests.integration.orders.test_kill import finish


@dataclass(frozen=True)
class Narrow:
    """A shop that logs in as the role of the app."""

    shop: RealShop
    as_app: str


@pytest.fixture
async def narrow(real_shop: RealShop) -> AsyncIterator[Narrow]:
    mark = uuid.uuid4().hex[:8]
    owner, app, database = f"owner_{mark}", f"app_{mark}", f"narrow_{mark}"
    root = make_url(real_shop.settings.database_url)
    plain = root.set(drivername="postgresql")
    administrator = await asyncpg.connect(plain.render_as_string(hide_password=False))
    await administrator.execute(f"CREATE DATABASE {database}")
    await administrator.close()
    inside = await asyncpg.connect(plain.set(database=database).render_as_string(hide_password=False))
    sql = (ROOT / "docs" / "database-roles.sql").read_text()
    for ours, own in (("darkroom_owner", owner), ("darkroom_app", app), ("DATABASE darkroom", f"DATABASE {database}")):
        sql = sql.replace(ours, own)
    await inside.execute(sql)
    await inside.close()
    as_owner = root.set(username=owner, password="change-me-too", database=database)
    await migrate.upgrade(as_owner.render_as_string(hide_password=False))
    as_app = root.set(username=app, password="change-me", database=database).render_as_string(hide_password=False)
    settings = real_shop.settings.model_copy(update={"database_url": as_app, "database_schema": "public"})
    env = {**real_shop.env, "DATABASE_URL": as_app, "DATABASE_SCHEMA": "public"}
    shop = replace(real_shop, env=env, settings=settings, workers=[])
    yield Narrow(shop, plain.set(username=app, password="change-me", database=database).render_as_string(False))
    shop.have_no_worker()


async def test_a_whole_order_and_the_gateway_need_no_more_than_rows(narrow: Narrow, photo: bytes) -> None:
    shop, key = narrow.shop, new_key()
    engine = engine_of(shop.settings)
    await ApiKeys(engine).add(key, "a bot", ["bot"])
    await engine.dispose()
    shop.start_worker()
    order = await shop.new_order(photo)
    await order.is_shown()
    await finish(order)
    with served(create_app(shop.settings)) as url:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "one"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as bot:
            assert (await bot.get("/readyz")).status_code == 200
            assert (await bot.get(f"/api/orders/{order.order_id}")).json()["status"] == Status.COMPLETED
            upload = await bot.post("/api/uploads", files={"file": photo})
            request = {
                "customer_id": "narrow", "acc_id": "shop-1",
                "pictures": [{"image_key": upload.json()["image_key"], "note": "变清晰一点"}],
            }  # fmt: skip
            first, again = [await bot.post("/api/orders", json=request) for _ in range(2)]
    assert first.json()["order_id"] == again.json()["order_id"]
    assert await migrate.current(shop.settings.database_url) == migrate.head()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE orders",
        "ALTER TABLE orders ADD x int",
        "CREATE TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "TRUNCATE orders",
        "CREATE ROLE mine",
    ],
)
async def test_the_role_of_the_app_makes_and_drops_nothing(narrow: Narrow, statement: str) -> None:
    connection = await asyncpg.connect(narrow.as_app)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
