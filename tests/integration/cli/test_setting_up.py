"""`darkroom temporal setup` and `darkroom storage setup`, on servers that know nothing of us yet."""

import uuid
from pathlib import Path

from sqlalchemy import text

from runtime import wiring
from tests.integration.cli.running import darkroom, started
from tests.integration.orders.conftest import RealShop


async def test_a_namespace_is_made_and_the_second_time_everything_is_there(real_shop: RealShop) -> None:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    first = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name, TEMPORAL_RETENTION_DAYS="12")
    assert (first.status, first.out.splitlines()[0]) == (0, f"Namespace {name} created")
    assert "Search attributes registered: CustomerId" in first.out
    assert first.out.splitlines()[-1] == "Upkeep scheduled: daily at 04:00 Asia/Shanghai"
    second = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name)
    assert (second.status, second.out) == (0, "Retention of finished orders set to 30 days\n")
    third = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name)
    assert (third.status, third.out) == (0, "Nothing to do: the namespace and the schedule of upkeep are set up\n")


async def test_a_missing_server_is_told(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "temporal", "setup", TEMPORAL_ADDRESS="127.0.0.1:9")
    assert ran.status == 4
    assert "no Temporal server answers at 127.0.0.1:9" in ran.err


async def test_a_bucket_is_made(real_shop: RealShop) -> None:
    name = f"pictures-{uuid.uuid4().hex[:8]}"
    made = await darkroom(real_shop, "storage", "setup", S3_BUCKET_NAME=name, UPLOADS_KEPT_DAYS="9")
    assert (made.status, made.out.splitlines()[0]) == (0, f"Bucket {name} created")
    assert "expire after 9 days" in made.out


async def test_a_storage_that_refuses_is_told_in_a_sentence(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "storage", "setup", AWS_SECRET_ACCESS_KEY="wrong")
    assert ran.status == 1
    assert "cannot set up the bucket" in ran.err
    assert "Traceback" not in ran.err


async def test_production_with_settings_of_development_refuses_every_command(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "temporal", "setup", ENVIRONMENT="production")
    assert ran.status == 2
    assert "in production: GATEWAY_URL does not begin with https://" in ran.err
    assert "in production: SIMULATORS_URL is set" in ran.err


async def test_rows_that_are_behind_are_written_anew_from_the_orders(real_shop: RealShop, photo: bytes) -> None:
    real_shop.have_a_worker()
    order = await real_shop.new_order(photo)
    await order.is_quoted()
    engine = wiring.engine(real_shop.settings)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE orders SET version = 0, amount_due = 0"))
    await engine.dispose()
    ran = await darkroom(real_shop, "db", "catch-up")
    assert (ran.status, ran.out) == (
        0,
        "Rows of 1 orders are up to date\nTask history of 0 orders with an owner is up to date: 0 created, 0 updated\n",
    )
    (row,) = await real_shop.rows("SELECT * FROM orders WHERE order_id = :id", id=order.order_id)
    assert row["version"] == (await order.until(lambda o: True)).version
    assert row["amount_due"] > 0


async def test_without_a_running_stack_no_backup_is_made(real_shop: RealShop, tmp_path: Path) -> None:
    for words in (("backup", str(tmp_path / "copy")), ("restore", str(tmp_path))):
        ran = await started(real_shop, *words, DARKROOM_DATA=str(tmp_path / "data"))
        assert (ran.status, "Traceback" in ran.err) == (1, False), ran.err
        assert "no stack is running on" in ran.err or "is not a complete backup" in ran.err
