"""`darkroom temporal setup` and `darkroom storage setup`, on servers that know nothing of us yet."""

import uuid

from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop


async def test_a_namespace_is_made_and_the_second_time_everything_is_there(real_shop: RealShop) -> None:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    first = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name, TEMPORAL_RETENTION_DAYS="12")
    assert (first.status, first.out.splitlines()[0]) == (0, f"namespace {name} made")
    assert "search attributes registered: CustomerId" in first.out
    second = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name)
    assert (second.status, second.out) == (0, "finished orders are kept for 30 days\n")
    third = await darkroom(real_shop, "temporal", "setup", TEMPORAL_NAMESPACE=name)
    assert (third.status, third.out) == (0, "everything was there\n")


async def test_a_missing_server_is_told(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "temporal", "setup", TEMPORAL_ADDRESS="127.0.0.1:9")
    assert ran.status == 4
    assert "no Temporal server answers at 127.0.0.1:9" in ran.err


async def test_a_bucket_is_made(real_shop: RealShop) -> None:
    name = f"pictures-{uuid.uuid4().hex[:8]}"
    made = await darkroom(real_shop, "storage", "setup", S3_BUCKET_NAME=name, UPLOADS_KEPT_DAYS="9")
    assert (made.status, made.out.splitlines()[0]) == (0, f"bucket {name} made")
    assert "forgotten after 9 days" in made.out


async def test_a_storage_that_refuses_is_told_in_a_sentence(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "storage", "setup", AWS_SECRET_ACCESS_KEY="wrong")
    assert ran.status == 1
    assert "storage refuses to set up" in ran.err
    assert "Traceback" not in ran.err


async def test_production_with_settings_of_development_refuses_every_command(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "temporal", "setup", ENVIRONMENT="production")
    assert ran.status == 2
    assert "in production: GATEWAY_URL does not begin with https://" in ran.err
    assert "in production: SIMULATORS_URL is set" in ran.err
