"""Tags an order's pictures in the photo library, in the transaction of its rows."""

from sqlalchemy import ARRAY, Text, bindparam, delete, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.db.models import PhotoRow, PhotoTagRow, TagRow
from adapters.db.projection import tags_of_tasks
from adapters.db.writing import add
from domain.library.photos import spaced_out
from domain.order.order import Order

_TAGGED = (
    select(PhotoRow.id, PhotoRow.task_id, TagRow.name)
    .outerjoin(PhotoTagRow, PhotoTagRow.photo_id == PhotoRow.id)
    .outerjoin(TagRow, TagRow.id == PhotoTagRow.tag_id)
    .where(PhotoRow.order_id == bindparam("order"))
)


async def tag_photos(connection: AsyncConnection, order: Order) -> None:
    """Update the tags of an order's pictures from their analyses, unless they are up to date."""
    wanted = tags_of_tasks(order)
    if await _is_tagged(connection, order.order_id, wanted):
        return
    names = sorted({name for _, name in wanted})  # sorted, so that two orders with the same tags cannot deadlock
    await add(connection, TagRow, [{"name": name, "spelt": spaced_out(name)} for name in names])
    await _tag(connection, order.order_id, wanted)


async def _is_tagged(connection: AsyncConnection, order_id: str, wanted: list[tuple[str, str]]) -> bool:
    """Whether each picture has exactly the tags of its task."""
    found = (await connection.execute(_TAGGED, {"order": order_id})).all()
    named = {(photo_id, name) for photo_id, _, name in found if name}
    tasks = {photo_id: task_id for photo_id, task_id, _ in found}
    return named == {
        (photo_id, name) for photo_id, task_id in tasks.items() for task, name in wanted if task == task_id
    }


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
