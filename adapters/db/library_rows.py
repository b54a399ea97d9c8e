"""Adds an order's pictures to the photo library, in the transaction of its rows."""

from sqlalchemy import ARRAY, Text, delete, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db.models import PhotoRow, PhotoTagRow, TagRow
from adapters.db.projection import photo_rows, tags_of_tasks
from adapters.db.writing import add
from domain.library.photos import spaced_out
from domain.order.order import Order


async def add_to_library(connection: AsyncConnection, order: Order) -> None:
    """Add new pictures of an order, and update the tags of all from their analyses."""
    photos = photo_rows(order)
    if not photos:
        return
    await add(connection, PhotoRow, photos)
    wanted = tags_of_tasks(order)
    names = sorted({name for _, name in wanted})  # sorted, so that two orders with the same tags cannot deadlock
    if names:
        rows = [{"name": name, "spelt": spaced_out(name)} for name in names]
        await connection.execute(insert(TagRow).values(rows).on_conflict_do_nothing())
    await _tag(connection, order.order_id, wanted)


async def _tag(connection: AsyncConnection, order_id: str, wanted: list[tuple[str, str]]) -> None:
    tasks, names = [task for task, _ in wanted], [name for _, name in wanted]
    pairs = func.unnest(type_coerce(tasks, ARRAY(Text)), type_coerce(names, ARRAY(Text)))
    meant = pairs.table_valued("task", "name").render_derived(name="meant")
    of_task = (PhotoRow.order_id == order_id) & (PhotoRow.task_id == meant.c.task)
    bears = (
        select(PhotoRow.id, TagRow.id)
        .select_from(meant)
        .join(PhotoRow, of_task)
        .join(TagRow, TagRow.name == meant.c.name)
    )
    row = insert(PhotoTagRow).from_select(["photo_id", "tag_id"], bears).on_conflict_do_nothing()
    if wanted:
        await connection.execute(row)
    is_meant = exists().where(meant.c.task == PhotoRow.task_id, meant.c.name == TagRow.name)
    borne = (PhotoTagRow.photo_id == PhotoRow.id) & (PhotoTagRow.tag_id == TagRow.id)
    await connection.execute(delete(PhotoTagRow).where(borne, PhotoRow.order_id == order_id, ~is_meant))
