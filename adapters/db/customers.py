"""Customer profiles: read, and recomputed whenever an order is saved."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from adapters.db.models import CustomerRow, ImageTaskRow, OrderRow
from adapters.db.writing import add
from domain.story.customers import Profile, Totals

PROFILE = CustomerRow.__table__.columns


async def find(connection: AsyncConnection, acc_id: str, customer_id: str) -> Profile | None:
    """Return the profile of a shop's customer, if there is one."""
    row = (await connection.execute(select(*PROFILE).where(_is(acc_id, customer_id)))).mappings().one_or_none()
    return None if row is None else Profile.model_validate(dict(row))


async def remember(
    connection: AsyncConnection, acc_id: str, customer_id: str, merge: Callable[[Profile, Totals], Profile]
) -> None:
    """Write the profile that `merge` makes of the old one and the totals. Lock the order before, never after."""
    this_one = _is(acc_id, customer_id)
    await add(connection, CustomerRow, [{"acc_id": acc_id, "customer_id": customer_id}])
    row = (await connection.execute(select(*PROFILE).where(this_one).with_for_update())).mappings().one()
    # A separate statement, so that it sees the orders committed by those who held the lock before.
    totals = (await connection.execute(_totals(acc_id, customer_id))).mappings().one()
    profile = merge(Profile.model_validate(dict(row)), Totals.model_validate(dict(totals)))
    facts = profile.model_dump(exclude={"acc_id", "customer_id"})
    await connection.execute(update(CustomerRow).where(this_one).values(facts))


def _is(acc_id: str, customer_id: str) -> ColumnElement[bool]:
    return (CustomerRow.acc_id == acc_id) & (CustomerRow.customer_id == customer_id)


def _totals(acc_id: str, customer_id: str) -> Select[tuple[int, int, Decimal, str, int]]:
    priced = aliased(OrderRow)
    currency = (
        select(priced.currency)
        .where(priced.acc_id == acc_id, priced.customer_id == customer_id, priced.currency.is_not(None))
        .order_by(priced.created_at.desc(), priced.order_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    revisions = (
        select(func.coalesce(func.sum(ImageTaskRow.revision_count), 0))
        .where(ImageTaskRow.acc_id == acc_id, ImageTaskRow.customer_id == customer_id)
        .scalar_subquery()
    )
    kept = func.sum(OrderRow.amount_paid - OrderRow.amount_refunded).filter(OrderRow.currency == currency)
    return select(
        func.count().label("orders"),
        func.count().filter(OrderRow.high_value).label("high_value_orders"),
        func.coalesce(kept, 0).label("spent"),
        currency.label("currency"),
        revisions.label("revisions"),
    ).where(OrderRow.acc_id == acc_id, OrderRow.customer_id == customer_id)
