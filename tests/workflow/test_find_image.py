"""Looking for a picture: what is found is answered, and where nothing is, one designer is asked once."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, CancelledError, WorkflowAlreadyStartedError

from domain.library.finding import FindRequest, Found
from domain.library.photos import Hit
from domain.texts.phrase import Said
from domain.vocabulary import ids
from domain.vocabulary.errors import (
    DarkroomError,
    MalformedRequest,
    OutsideUnavailable,
    PictureUnreachable,
    PictureUnreadable,
)
from starter import finding
from starter.failures import NoSuchOrder
from tests.dispatches import DispatchInHand
from tests.shop import TIMEOUT_SECONDS, FakeShop
from workflows import options, telling
from workflows.find_image import FindImageWorkflow

PATIENCE = timedelta(seconds=TIMEOUT_SECONDS)
PICTURE = "https://shop.example/1.jpg"
ASKED: dict[str, Any] = {"customer_id": "customer-1", "acc_id": "shop-1"}
OWN = Hit(
    photo_id="p-1", kind="original", key="task-history/customer-1/T/original.png", shown_key=None, width=64, height=48,
    is_own=True, is_delivered=False, task_id="TASK_20261122_7K3F9Q_1", tags=["猫"], distance=0,
)  # fmt: skip


async def begin(shop: FakeShop, request: Any, name: str = "") -> WorkflowHandle[Any, Found]:
    """A search as a bot may start it, by Temporal alone."""
    handle: WorkflowHandle[Any, Found] = await shop.client.start_workflow(
        FindImageWorkflow.run, request, id=f"find-{uuid.uuid4().hex}{name}", task_queue=options.ORDERS
    )
    return handle


async def find(shop: FakeShop, **request: Any) -> Found:
    return await (await begin(shop, ASKED | request)).result()


async def test_what_is_found_by_a_picture_is_answered_and_nobody_else_is_asked(shop: FakeShop) -> None:
    shop.library.hits = [OWN]
    found = await find(shop, image_url=PICTURE, words="猫", limit=3)
    (match,) = found.matches
    assert (match.photo_id, match.distance, match.kind, match.is_own, match.tags) == (
        "p-1",
        0,
        "original",
        True,
        ["猫"],
    )
    assert match.link == f"https://darkroom.example/d/{OWN.key}"
    assert (found.transfer_id, found.refused) == (None, Said())
    (search,) = shop.library.searches
    facts = await shop.imaging.inspect(await shop.web.fetch(PICTURE))
    assert (search.likeness, search.words, search.limit) == (facts.likeness, "猫", 3)
    assert (search.asker.customer_id, search.asker.acc_id) == ("customer-1", "shop-1")
    assert not shop.designers.tasks


async def test_by_words_alone_no_picture_is_looked_at(shop: FakeShop) -> None:
    shop.web.failure = PictureUnreachable("nobody should ask")
    shop.library.hits = [OWN]
    assert len((await find(shop, tags="猫, 狗")).matches) == 1
    assert (shop.library.searches[0].likeness, shop.library.searches[0].tags) == ("", ["猫", "狗"])


async def test_a_search_of_a_very_long_name_and_many_words_asks_a_designer_too(shop: FakeShop) -> None:
    handle = await begin(shop, ASKED | {"words": "要" * 1000}, name="x" * 700)
    found = await handle.result()
    assert found.transfer_id is not None
    await DispatchInHand(shop, ids.dispatch_id(found.transfer_id)).until(lambda d: d.designer)


async def test_where_nothing_is_found_one_designer_is_asked_with_the_picture_and_the_words(shop: FakeShop) -> None:
    handle = await begin(shop, ASKED | {"image_url": PICTURE, "words": "橘猫", "customer_name": "王女士"})
    found = await handle.result()
    assert found.transfer_id == f"TRANSFER_{handle.id.removeprefix('find-')}"
    dispatch = DispatchInHand(shop, ids.dispatch_id(found.transfer_id))
    state = await dispatch.until(lambda d: d.designer)
    assert state.request.order_id is None
    assert (state.request.customer_id, state.request.acc_id, state.request.customer_name) == (
        "customer-1", "shop-1", "王女士",
    )  # fmt: skip
    (description,) = shop.designers.descriptions.values()
    assert "图库里没有找到相似的图片:橘猫" in description
    assert PICTURE in description
    assert shop.chat.said == ["好的,已帮您安排设计师处理,请稍候"]


async def test_the_designer_is_asked_although_the_search_has_ended(shop: FakeShop) -> None:
    found = await find(shop, words="橘猫")
    dispatch = DispatchInHand(shop, ids.dispatch_id(found.transfer_id or ""))
    await dispatch.until(lambda d: d.designer)
    await dispatch.handle.signal("designer_finished", {"notes": "有的,马上发您"})
    await dispatch.handle.result()
    assert "设计师说:有的,马上发您" in shop.chat.said[-1]


async def test_nobody_is_asked_where_the_asker_does_not_want_it(shop: FakeShop) -> None:
    found = await find(shop, image_url=PICTURE, transfer_if_none=False)
    assert (found.matches, found.transfer_id) == ([], None)
    assert not shop.designers.tasks


@pytest.mark.parametrize("failure", [PictureUnreachable("404"), PictureUnreadable("The file is a GIF")])
async def test_what_is_no_picture_is_answered_for_the_customer_to_mend(shop: FakeShop, failure: DarkroomError) -> None:
    shop.web.failure = failure
    found = await find(shop, image_url=PICTURE)
    assert (found.matches, found.transfer_id, found.refused) == ([], None, failure.told)


async def test_the_words_are_searched_although_the_picture_is_none_and_designers_do_not_see_it(shop: FakeShop) -> None:
    shop.web.failure = PictureUnreachable("a private address")
    shop.library.hits = [OWN]
    assert len((await find(shop, image_url=PICTURE, words="猫")).matches) == 1
    shop.library.hits = []
    found = await find(shop, image_url=PICTURE, words="猫")
    dispatch = DispatchInHand(shop, ids.dispatch_id(found.transfer_id or ""))
    state = await dispatch.until(lambda d: d.designer)
    assert state.request.image_url is None


async def test_an_outage_of_the_library_is_waited_out(shop: FakeShop) -> None:
    shop.library.failures, shop.library.hits = [OutsideUnavailable("away")], [OWN]
    assert len((await find(shop, words="猫")).matches) == 1


@pytest.mark.parametrize(("port", "method"), [("web", "fetch"), ("library", "find")])
async def test_a_search_that_is_cancelled_in_temporal_ends_so_and_asks_no_designer(
    shop: FakeShop, port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def hang(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(getattr(shop, port), method, hang)
    handle = await begin(shop, ASKED | {"image_url": PICTURE, "words": "橘猫"})
    await asyncio.wait_for(begun.wait(), TIMEOUT_SECONDS)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert not shop.roster.opened_as


async def test_a_search_that_is_run_a_second_time_asks_no_second_designer(shop: FakeShop) -> None:
    find_id = finding.new_find_id("Asia/Shanghai")
    for _ in range(2):
        search = await shop.client.start_workflow(
            FindImageWorkflow.run, ASKED | {"words": "橘猫"}, id=f"find-{find_id}", task_queue=options.ORDERS
        )
        assert (await search.result()).transfer_id == f"TRANSFER_{find_id}"
    await DispatchInHand(shop, ids.dispatch_id(f"TRANSFER_{find_id}")).until(lambda d: d.designer)
    assert (len(shop.library.searches), len(shop.designers.tasks)) == (2, 1)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (None, "Input should be"), ("no object", "Input should be"), ([ASKED, "two"], "Input should be"),
        ({"words": "猫"}, "customer_id"), (ASKED, "give a picture"), (ASKED | {"words": " ?!", "tags": []}, "give a"),
        (ASKED | {"words": "猫", "limit": 21}, "limit"), (ASKED | {"words": "猫", "limit": 0}, "limit"),
    ],
)  # fmt: skip
async def test_what_looks_for_no_picture_ends_with_a_clear_failure(shop: FakeShop, request_: Any, field: str) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await (await begin(shop, request_)).result()
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, "invalid search request" in cause.message) == ("MalformedRequest", True)
    assert field in cause.message


async def test_unknown_fields_and_nulls_do_no_harm(shop: FakeShop) -> None:
    shop.library.hits = [OWN]
    found = await find(shop, words="猫", image_url=None, tags=None, limit=None, mood="hurried")
    assert len(found.matches) == 1


# ---- as the starter does it ------------------------------------------------------------------------------------------


async def test_the_same_search_again_is_one_search_and_one_question(shop: FakeShop) -> None:
    find_id, request = finding.new_find_id("Asia/Shanghai"), FindRequest(**ASKED, words="橘猫")
    await finding.start(shop.client, find_id, request, must_be_new=True)
    await finding.start(shop.client, find_id, request, must_be_new=False)
    first = await finding.answer(shop.client, find_id, PATIENCE)
    await finding.start(shop.client, find_id, request, must_be_new=False)
    assert first == await finding.answer(shop.client, find_id, PATIENCE)
    assert first.transfer_id == f"TRANSFER_{find_id}"
    await DispatchInHand(shop, ids.dispatch_id(first.transfer_id)).until(lambda d: d.designer)
    assert len(shop.designers.tasks) == len(shop.library.searches) == 1
    with pytest.raises(WorkflowAlreadyStartedError):
        await finding.start(shop.client, find_id, request, must_be_new=True)


async def test_a_search_that_lasts_is_answered_with_nothing_yet(closed_shop: FakeShop) -> None:
    find_id = finding.new_find_id("Asia/Shanghai")
    await finding.start(closed_shop.client, find_id, FindRequest(**ASKED, words="猫"), must_be_new=True)
    assert await finding.answer(closed_shop.client, find_id, timedelta(seconds=0.5)) is None
    async with closed_shop.open():
        assert await finding.answer(closed_shop.client, find_id, PATIENCE) is not None


async def test_a_search_that_nobody_began_or_that_was_none_says_so(shop: FakeShop) -> None:
    with pytest.raises(NoSuchOrder, match="no open search with the id"):
        await finding.answer(shop.client, "FIND_20261122_222222", PATIENCE)
    handle = await begin(shop, ASKED)
    with pytest.raises(MalformedRequest, match="give a picture"):
        await finding.answer(shop.client, handle.id.removeprefix("find-"), PATIENCE)


async def test_a_search_shows_in_temporal_what_it_is_and_what_came_of_it(shop: FakeShop) -> None:
    find_id = finding.new_find_id("Asia/Shanghai")
    await finding.start(shop.client, find_id, FindRequest(**ASKED, words="橘猫"), must_be_new=True)
    found = await finding.answer(shop.client, find_id, PATIENCE)
    described = await shop.client.get_workflow_handle(f"find-{find_id}").describe()
    known = described.typed_search_attributes
    assert (known.get(telling.CUSTOMER_ID), known.get(telling.SHOP_ID)) == ("customer-1", "shop-1")
    assert await described.static_summary() == "customer-1 🔍 橘猫"
    details = await shop.client.get_workflow_handle(f"find-{find_id}").query("__temporal_workflow_metadata")
    assert f"dispatch-{found.transfer_id}" in str(details)


async def test_whoever_reads_a_search_that_was_ended_by_force_hears_so(closed_shop: FakeShop) -> None:
    find_id = finding.new_find_id("Asia/Shanghai")
    await finding.start(closed_shop.client, find_id, FindRequest(**ASKED, words="猫"), must_be_new=True)
    await closed_shop.client.get_workflow_handle(f"find-{find_id}").terminate()
    with pytest.raises(NoSuchOrder, match="was terminated"):
        await finding.answer(closed_shop.client, find_id, PATIENCE)
