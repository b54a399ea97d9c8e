"""The library as staff keep it: what is listed, and what is shared."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.library import PostgresLibrary
from adapters.db.photo_catalogue import PostgresPhotoCatalogue
from adapters.db.records import PostgresRecords
from domain.library.photos import Asker, Search
from domain.vocabulary.pictures import Analysis
from tests.integration.adapters.db.orders import TASK_ID, new_order
from tests.integration.adapters.db.test_library import original

NOBODY = "019ab0c4-5d1e-7c33-9f60-2f4b8a1c7d55"
STRANGER = Search(Asker("somebody", "else"), tags=["猫"])


@pytest.fixture
def photo_catalogue(engine: AsyncEngine) -> PostgresPhotoCatalogue:
    return PostgresPhotoCatalogue(engine)


@pytest.fixture
async def photo_id(photo_catalogue: PostgresPhotoCatalogue, records: PostgresRecords) -> str:
    """One of two pictures, of a cat."""
    order = new_order(pictures=2)
    order.pictures[0].original, order.pictures[0].analysis = original(key="a.jpg"), Analysis(subject="猫,草地")
    order.pictures[1].original = original(key="b.jpg")
    await records.save(order)
    listed = await photo_catalogue.listing(customer_id=None, shareable=None, limit=9)
    return next(photo.photo_id for photo in listed if photo.view_key == "a.jpg")


async def test_pictures_are_listed_newest_first_by_customer_and_by_what_is_shared(
    photo_catalogue: PostgresPhotoCatalogue, photo_id: str
) -> None:
    both = await photo_catalogue.listing(customer_id="tb_001", shareable=None, limit=9)
    assert {photo.view_key for photo in both} == {"a.jpg", "b.jpg"}
    assert len(await photo_catalogue.listing(customer_id=None, shareable=None, limit=1)) == 1
    assert await photo_catalogue.listing(customer_id="tb_002", shareable=None, limit=9) == []
    await photo_catalogue.share(photo_id, "library/1.jpg")
    assert [p.photo_id for p in await photo_catalogue.listing(customer_id=None, shareable=True, limit=9)] == [photo_id]
    assert len(await photo_catalogue.listing(customer_id=None, shareable=False, limit=9)) == 1


async def test_a_picture_tells_what_staff_must_know(photo_catalogue: PostgresPhotoCatalogue, photo_id: str) -> None:
    photo = await photo_catalogue.photo(photo_id)
    assert (photo.kind, photo.customer_id, photo.acc_id, photo.task_id) == ("original", "tb_001", "shop1", TASK_ID)
    assert (photo.tags, photo.shareable, photo.shown_key) == (["猫", "草地"], False, None)
    assert await photo_catalogue.photo(NOBODY) is None


async def test_what_is_shared_is_found_by_everybody_until_it_is_hidden(
    photo_catalogue: PostgresPhotoCatalogue, photo_id: str, engine: AsyncEngine
) -> None:
    library = PostgresLibrary(engine)
    assert await library.find(STRANGER) == []
    assert await photo_catalogue.share(photo_id, "library/1.jpg")
    assert [hit.shown_key for hit in await library.find(STRANGER)] == ["library/1.jpg"]
    assert not await photo_catalogue.share(photo_id, "library/2.jpg"), "the first copy stays"
    await photo_catalogue.forget_copy(photo_id)  # of a shared picture nothing is forgotten
    assert (await photo_catalogue.photo(photo_id)).shown_key == "library/1.jpg"
    await photo_catalogue.hide(photo_id)
    assert await library.find(STRANGER) == []
    assert (await photo_catalogue.photo(photo_id)).shown_key == "library/1.jpg", "until the copy itself is gone"
    await photo_catalogue.forget_copy(photo_id)
    assert (await photo_catalogue.photo(photo_id)).shown_key is None


async def test_nobody_shares_what_is_not_there(photo_catalogue: PostgresPhotoCatalogue, photo_id: str) -> None:
    assert not await photo_catalogue.share(NOBODY, "library/1.jpg")
    await photo_catalogue.hide(NOBODY)
    await photo_catalogue.forget_copy(NOBODY)
