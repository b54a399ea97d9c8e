"""Rows that Postgres refused, as an operator deals with them."""

from decimal import Decimal

from adapters.db.records import PostgresRecords
from domain.vocabulary.money import Payment
from runtime import wiring
from tests.integration.adapters.db.orders import NOW, finished_order
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop


async def test_a_refused_row_is_listed_tried_again_and_dropped(real_shop: RealShop) -> None:
    engine = wiring.engine(real_shop.settings)
    order = finished_order()
    odd = Payment.model_construct(payment_id="p2", amount=Decimal("1E-20000"), currency="CNY", paid_at=NOW)
    order.payments.append(odd)
    await PostgresRecords(engine).save(order)
    listed = await darkroom(real_shop, "db", "quarantine", "list", "--json")
    (row,) = listed.json
    assert (row["table_name"], row["is_whole"]) == ("payments", True)
    assert "value overflows numeric format" in (await darkroom(real_shop, "db", "quarantine", "list")).out
    again = await darkroom(real_shop, "db", "quarantine", "retry")
    assert (again.status, again.out) == (1, "")
    dropped = await darkroom(real_shop, "db", "quarantine", "drop", row["row_id"])
    assert dropped.status == 0
    assert (await darkroom(real_shop, "db", "quarantine", "drop", row["row_id"])).status == 1
    assert "no quarantined rows" in (await darkroom(real_shop, "db", "quarantine", "list")).out
    await engine.dispose()
