"""Customer profiles: read, and recomputed whenever an order is saved."""

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import BindParameter, Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from adapters.db.models import CustomerRow, ImageTaskRow, OrderRow
from adapters.db.writing import add
from domain.story.customers import Profile, Totals, say_the_same

COUNTED = ("currency", "amount_paid", "amount_refunded", "high_value")  # columns of an order that totals depend on
PROFILE = CustomerRow.__table__.columns
# Statements are built once: building one costs more than running it.
SHOP: BindParameter[str] = bindparam("shop")
CUSTOMER: BindParameter[str] = bindparam("customer")
_IS_THIS_ONE = (PROFILE.acc_id == SHOP) & (PROFILE.customer_id == CUSTOMER)
_FIND = select(*PROFILE).where(_IS_THIS_ONE)
_LOCK = _FIND.with_for_update()
_REPLACE = update(CustomerRow).where(_IS_THIS_ONE)


async def find(connection: AsyncConnection, acc_id: str, customer_id: str) -> Profile | None:
    """Return the profile of a shop's customer, if there is one."""
    row = (await connection.execute(_FIND, {"shop": acc_id, "customer": customer_id})).mappings().one_or_none()
    return None if row is None else Profile.model_validate(dict(row))


async def remember(
    connection: AsyncConnection,
    acc_id: str,
    customer_id: str,
    merge: Callable[[Profile, Totals], Profile],
    *,
    counts: bool = True,
) -> None:
    """Write the profile that `merge` makes of the old one and the totals. Lock the order before, never after.

    `counts` is False if no column in COUNTED changed, nor the revisions: then the totals are not computed again, and a
    profile that would say the same is not written.
    """
    known = await find(connection, acc_id, customer_id)
    if known and not counts and say_the_same(merge(known, known.totals), known):
        return
    this_one = {"shop": acc_id, "customer": customer_id}
    await add(connection, CustomerRow, [{"acc_id": acc_id, "customer_id": customer_id}])
    row = (await connection.execute(_LOCK, this_one)).mappings().one()
    # A separate statement, so that it sees the orders committed by those who held the lock before.
    totals = (await connection.execute(_TOTALS, this_one)).mappings().one()
    profile = merge(Profile.model_validate(dict(row)), Totals.model_validate(dict(totals)))
    await connection.execute(_REPLACE, this_one | profile.model_dump(exclude={"acc_id", "customer_id"}))


def _totals() -> Select[tuple[int, int, Decimal, str, int]]:
    priced = aliased(OrderRow)
    currency = (
        select(priced.currency)
        .where(priced.acc_id == SHOP, priced.customer_id == CUSTOMER, priced.currency.is_not(None))
        .order_by(priced.created_at.desc(), priced.order_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    revisions = (
        select(func.coalesce(func.sum(ImageTaskRow.revision_count), 0))
        .where(ImageTaskRow.acc_id == SHOP, ImageTaskRow.customer_id == CUSTOMER)
        .scalar_subquery()
    )
    kept = func.sum(OrderRow.amount_paid - OrderRow.amount_refunded).filter(OrderRow.currency == currency)
    return select(
        func.count().label("orders"),
        func.count().filter(OrderRow.high_value).label("high_value_orders"),
        func.coalesce(kept, 0).label("spent"),
        currency.label("currency"),
        revisions.label("revisions"),
    ).where(OrderRow.acc_id == SHOP, OrderRow.customer_id == CUSTOMER)


_TOTALS = _totals()
