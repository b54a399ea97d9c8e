"""The settings that staff change: versions that follow one another, read by workers, kept through an outage."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.db import shop_settings
from adapters.db.ledger import PostgresLedger
from adapters.db.records import PostgresRecords
from adapters.db.shop_settings import CurrentSettings, SettingsVersions
from domain.vocabulary.errors import OutsideUnavailable, SettingsMovedOn
from domain.vocabulary.rule_changes import RuleChanges
from domain.vocabulary.rules import ShopRules
from tests.integration.adapters.db.conftest import Query
from tests.integration.adapters.db.orders import NOW, ORDER_ID, call, finished_order

STRICT, LAX = RuleChanges(quality_threshold=90), RuleChanges(quality_threshold=50, is_switched_on=False)


async def test_each_version_says_who_changed_it_and_why(engine: AsyncEngine) -> None:
    versions = SettingsVersions(engine)
    assert await versions.current() is None
    assert await versions.save(STRICT, seen_version=0, by="小王", reason="退单太多") == 1
    assert await versions.save(LAX, seen_version=1, by="小李", reason="做得太慢") == 2
    newest = await versions.newest(10)
    assert [(one.version, one.changed_by, one.reason) for one in newest] == [
        (2, "小李", "做得太慢"),
        (1, "小王", "退单太多"),
    ]
    assert [one.changes for one in newest] == [LAX, STRICT]
    assert await versions.save(newest[1].changes, seen_version=2, by="小王", reason="回到 v1") == 3
    current = await versions.current()
    assert current
    assert current.changes == STRICT


@pytest.mark.parametrize("seen", [0, 2])
async def test_who_saw_another_version_is_refused(engine: AsyncEngine, seen: int) -> None:
    versions = SettingsVersions(engine)
    await versions.save(STRICT, seen_version=0, by="小王", reason="x")
    with pytest.raises(SettingsMovedOn):
        await versions.save(LAX, seen_version=seen, by="小李", reason="x")


async def test_of_two_who_save_at_once_one_is_refused(engine: AsyncEngine) -> None:
    versions = SettingsVersions(engine)
    saved = [versions.save(changes, seen_version=0, by="x", reason="x") for changes in (STRICT, LAX)]
    done = await asyncio.gather(*saved, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["SettingsMovedOn", "int"]


async def test_a_worker_notices_a_change_within_seconds(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_settings, "KEPT_SECONDS", 0.0)
    versions = SettingsVersions(engine)
    current = CurrentSettings(versions, ShopRules(), is_switched_on=True)
    assert (await current.rules(), await current.is_switched_on()) == (ShopRules(), True)
    await versions.save(LAX, seen_version=0, by="x", reason="x")
    assert ((await current.rules()).quality_threshold, await current.is_switched_on()) == (50, False)


async def test_the_last_known_settings_apply_while_postgres_is_away(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_settings, "KEPT_SECONDS", 0.0)
    versions = SettingsVersions(engine)
    await versions.save(LAX, seen_version=0, by="x", reason="x")
    current = CurrentSettings(versions, ShopRules(), is_switched_on=True)
    assert not await current.is_switched_on()
    away = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    current._versions = SettingsVersions(away)
    assert not await current.is_switched_on()
    await away.dispose()


async def test_a_worker_that_never_read_the_settings_does_not_guess_them() -> None:
    away = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    current = CurrentSettings(SettingsVersions(away), ShopRules(), is_switched_on=True)
    for _ in range(2):
        with pytest.raises(OutsideUnavailable):
            await current.is_switched_on()
    await away.dispose()


async def test_what_a_newer_release_has_added_is_left_out(engine: AsyncEngine, query: Query) -> None:
    await SettingsVersions(engine).save(STRICT, seen_version=0, by="x", reason="x")
    await query('UPDATE shop_settings SET changes = changes || \'{"moon_phase": "full"}\'')
    current = CurrentSettings(SettingsVersions(engine), ShopRules(), is_switched_on=True)
    assert (await current.rules()).quality_threshold == 90


async def test_a_version_that_is_not_understood_changes_nothing(
    engine: AsyncEngine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_settings, "KEPT_SECONDS", 0.0)
    await SettingsVersions(engine).save(STRICT, seen_version=0, by="x", reason="x")
    current = CurrentSettings(SettingsVersions(engine), ShopRules(), is_switched_on=True)
    assert (await current.rules()).quality_threshold == 90
    await query('UPDATE shop_settings SET changes = \'{"quality_threshold": "very good"}\'')
    assert (await current.rules()).quality_threshold == 90


async def test_orders_of_the_past_are_read_with_their_scores(
    engine: AsyncEngine, records: PostgresRecords, ledger: PostgresLedger, query: Query
) -> None:
    await records.save(finished_order())
    await ledger.open_call(call())
    await query("UPDATE image_generation_task SET created_at = :at", at=NOW)
    await query(
        "INSERT INTO generation_result (task_id, generated_image_id, model, content_type, file_size, sha256, qa_score)"
        " SELECT task_id, 'a.png', model, 'image/png', 1, '', 92 FROM image_generation_task"
    )
    (order,) = await SettingsVersions(engine).past_orders(NOW - timedelta(days=1))
    assert (order.order_id, order.amount_paid, list(order.scores)) == (ORDER_ID, Decimal("15.5"), [92])
    assert order.quote.minimum == Decimal(15)
    assert await SettingsVersions(engine).past_orders(NOW + timedelta(days=1)) == []
