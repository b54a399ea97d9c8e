"""What is read with several statements is of one moment, although its workflow writes between them."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import board, reading
from adapters.db.board import Board
from adapters.db.reading import OrderReader
from adapters.db.records import PostgresRecords
from domain.vocabulary.status import Status
from tests.integration.adapters.db.orders import NOW, ORDER_ID, finished_order

READERS: dict[str, tuple[ModuleType, Callable[[AsyncEngine], Any]]] = {
    "the API": (reading, lambda engine: OrderReader(engine).order(ORDER_ID)),
    "the board": (board, lambda engine: Board(engine).order(ORDER_ID)),
}


@pytest.mark.parametrize("who", READERS)
async def test_an_order_and_its_pictures_are_read_as_they_were_together(
    who: str, engine: AsyncEngine, records: PostgresRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, read = READERS[who]
    order, usual = finished_order(), vars(module)["_rows"]
    before = order.version
    await records.save(order)

    async def with_news_between(*asked: Any) -> Sequence[Any]:
        found: Sequence[Any] = await usual(*asked)
        if order.version == before:
            order.version += 1
            order.move(order.pictures, Status.REVISION, NOW)
            await records.save(order)
        return found

    monkeypatch.setattr(module, "_rows", with_news_between)
    found = await read(engine)
    assert order.version > before, "it was saved meanwhile"
    assert found.order["version"] == before
    assert [(row["version"], row["status"]) for row in found.pictures] == [(before, found.order["status"])]
