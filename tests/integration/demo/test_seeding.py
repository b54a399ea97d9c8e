"""Filling a trial installation, on real Postgres and storage."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from demo.seeding import pictures
from demo.seeding.orders import COUNT
from demo.seeding.seed import seed
from domain.vocabulary.errors import DarkroomError
from runtime import wiring
from runtime.settings import Settings
from tests.integration.conftest import Storage

USER = uuid4()


@pytest.fixture
def settings(postgres_url: str, schema: str, storage: Storage, storage_settings: Mapping[str, str]) -> Settings:
    values: dict[str, Any] = {name.lower(): value for name, value in storage_settings.items()}
    own = {"database_url": postgres_url, "database_schema": schema, "s3_bucket_name": storage.bucket}
    return Settings(_env_file=None, **(values | own))


async def test_it_adds_everything_once(
    settings: Settings, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "PAIRS", 6)
    await wiring.files(settings).put("made.txt", b"", "text/plain")  # makes the bucket
    first = await seed(settings, USER, 500)
    assert (first.added, first.before) == (500, 0)
    again = await seed(settings, USER, 500)
    assert (again.added, again.before) == (0, 500)
    async with engine.connect() as connection:
        statistics = "SELECT sum(total_tasks) FROM user_task_statistics WHERE period_type = 'all'"
        assert (await connection.execute(text(statistics))).scalar_one() == 500
        balance = "SELECT sum(amount) FROM credit_ledger WHERE user_id = :user"
        assert (await connection.execute(text(balance), {"user": USER})).scalar_one() > 0
        shown = "SELECT DISTINCT aws_generated_key FROM user_task_history WHERE aws_generated_key IS NOT NULL"
        keys = (await connection.execute(text(shown))).scalars().all()
        board = "SELECT count(*), count(*) FILTER (WHERE needs <> '[]') FROM orders"
        orders, needing = (await connection.execute(text(board))).one()
        calls = "SELECT count(*) FROM image_generation_task JOIN generation_result USING (task_id)"
        made = (await connection.execute(text(calls))).scalar_one()
    assert (first.orders, again.orders, orders) == (COUNT, COUNT, COUNT)
    assert needing >= 5
    assert made > COUNT / 2
    files = wiring.files(settings)
    for key in keys:
        assert (await files.get(key)).content_type == "image/jpeg"
        assert (await files.get(key.replace(".jpg", "-thumb.jpg"))).content_type == "image/jpeg"


async def test_it_is_refused_in_production(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(DarkroomError, match="trial installations only"):
        await seed(production, USER, 1)
