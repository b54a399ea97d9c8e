"""Worker and gateway as roles that own nothing: docs/database-roles.sql is enough for a whole order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import URL, make_url

from adapters.db import migrate
from adapters.db.keys import ApiKeys, new_key
from domain.vocabulary.errors import OutsideRefused
from domain.vocabulary.status import Status
from gateway.app import create_app
from runtime.paths import ROOT
from runtime.wiring import engine as engine_of
from stack.plan import StackOptions
from stack.servers.postgres import LOGINS, USERS
from stack.up import Stack
from tests.conftest import DEFAULTS
from tests.integration.conftest import libpq
from tests.integration.gateway.serving import served
from tests.integration.orders.conftest import RealShop
from tests.integration.orders.test_kill import finish

OPTIONS = StackOptions(("postgres",), usual_ports=False, for_tests=True)


@dataclass(frozen=True)
class Narrow:
    """A shop whose worker and gateway log in with roles of their own."""

    shop: RealShop
    gateway: RealShop
    as_worker: str
    as_gateway: str
    as_owner: str
    as_administrator: str


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[URL]:
    """A Postgres server of its own, because roles belong to a server; it has none of ours yet."""
    async with Stack(tmp_path_factory.mktemp("narrow"), OPTIONS, user=DEFAULTS) as stack:
        url = stack.env["DATABASE_URL"]
        connection = await asyncpg.connect(libpq(url))
        for role in (*LOGINS, USERS):
            await connection.execute(f"DROP ROLE {role}")
        await connection.close()
        yield make_url(url)


@pytest.fixture(scope="module")
async def narrow(real_shop: RealShop, server: URL) -> AsyncIterator[Narrow]:
    administrator = server.render_as_string(hide_password=False)
    connection = await asyncpg.connect(libpq(administrator))
    await connection.execute((ROOT / "docs" / "database-roles.sql").read_text())
    await connection.close()

    def url(role: str, password: str) -> str:
        return server.set(username=role, password=password).render_as_string(hide_password=False)

    owner = url("darkroom_owner", "change-me-too")
    await migrate.upgrade(owner, timezone=real_shop.settings.shop_timezone)
    worker, gateway = url("darkroom_worker", "change-me"), url("darkroom_gateway", "change-me-as-well")
    shop = _logged_in(real_shop, worker)
    yield Narrow(shop, _logged_in(real_shop, gateway), libpq(worker), libpq(gateway), owner, administrator)
    shop.have_no_worker()


def _logged_in(shop: RealShop, url: str) -> RealShop:
    settings = shop.settings.model_copy(update={"database_url": url, "database_schema": "public"})
    return replace(
        shop, env={**shop.env, "DATABASE_URL": url, "DATABASE_SCHEMA": "public"}, settings=settings, workers=[]
    )


async def test_a_whole_order_and_the_gateway_need_no_more_than_rows(narrow: Narrow, photo: bytes) -> None:
    shop, key = narrow.shop, new_key()
    engine = engine_of(narrow.gateway.settings)
    await ApiKeys(engine).add(key, "a bot", ["bot"])
    await engine.dispose()
    shop.start_worker()
    order = await shop.new_order(photo)
    await order.is_shown()
    await finish(order)
    with served(create_app(narrow.gateway.settings)) as url:
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
    assert await migrate.current(narrow.gateway.settings.database_url) == migrate.head()


@pytest.mark.parametrize("role", ["worker", "gateway"])
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE orders",
        "ALTER TABLE orders ADD x int",
        "CREATE TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "TRUNCATE orders",
        "CREATE ROLE mine",
        "UPDATE alembic_version SET version_num = 'another'",
        "ALTER TABLE user_task_history NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE user_task_history DISABLE TRIGGER ALL",
        "DROP POLICY own ON user_task_history",
        "SET ROLE darkroom_owner",
        "SELECT recount_task_statistics()",
    ],
)
async def test_worker_and_gateway_make_and_drop_nothing(narrow: Narrow, role: str, statement: str) -> None:
    connection = await asyncpg.connect(narrow.as_worker if role == "worker" else narrow.as_gateway)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_missing_role_stops_the_migration_with_a_sentence_that_says_what_to_run(narrow: Narrow) -> None:
    administrator = await asyncpg.connect(libpq(narrow.as_administrator))
    await administrator.execute("ALTER ROLE darkroom_user RENAME TO somebody")
    try:
        with pytest.raises(OutsideRefused, match=r"run docs/database-roles\.sql"):
            await migrate.upgrade(narrow.as_owner, "darkroom_owner")
    finally:
        await administrator.execute("ALTER ROLE somebody RENAME TO darkroom_user")
        await administrator.close()


async def test_a_role_that_bypasses_row_level_security_stops_the_migration(narrow: Narrow) -> None:
    administrator = await asyncpg.connect(libpq(narrow.as_administrator))
    await administrator.execute("ALTER ROLE darkroom_gateway BYPASSRLS")
    try:
        with pytest.raises(OutsideRefused, match="must not be superusers or bypass"):
            await migrate.upgrade(narrow.as_administrator, "another")
    finally:
        await administrator.execute("ALTER ROLE darkroom_gateway NOBYPASSRLS")
        await administrator.close()
