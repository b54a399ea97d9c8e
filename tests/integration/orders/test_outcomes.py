"""Whatever a model comes to: over the wire, on a real shop, with every ledger compared afterwards.

All orders of a table run beside each other, since most of the time is waiting; each test then looks at its own.
"""

import asyncio
import io
import uuid
from collections.abc import Mapping

import pytest
from PIL import Image

from domain.order.order import Order
from domain.vocabulary.status import Status
from runtime.paths import ROOT
from tests.integration.orders.conftest import RealOrder, RealShop
from tests.integration.orders.outcomes import GEMINI, SEEDREAM, Case, books_agree, play

AT_ONCE = 4
AN_HOUR = 3600
# A hang is to end within a test, and to hold up nobody else; a slow answer of a busy machine is none.
QUICK = {
    "GEMINI_TIMEOUT_SECONDS": "15",
    "ARK_TIMEOUT_SECONDS": "15",
    "IMAGE_CONCURRENCY": "8",
    "IMAGING_PROCESSES": "2",
}
SEEDREAM_FIRST = {"IMAGE_PROVIDERS": "seedream,gemini", "ARK_PICTURES": "2"}

NOT_SET_UP = "用不了,请处理"  # told once of each provider, whichever order ran into it first

Ends = Mapping[str, tuple[RealOrder, Order] | BaseException]


def a_photo(width: int = 400, height: int = 300) -> bytes:
    """A part of a real photograph, its bytes like no other's, so that the ledgers tell which order a call was for."""
    copy = io.BytesIO()
    with Image.open(ROOT / "demo" / "photos" / "coffee.jpg") as coffee:
        coffee.crop((100, 100, 100 + width, 100 + height)).save(copy, "JPEG", quality=90, comment=uuid.uuid4().bytes)
    return copy.getvalue()


async def play_all(shop: RealShop, cases: list[Case]) -> Ends:
    """Play all cases; last those after which the worker asks that model nothing for an hour."""
    places = asyncio.Semaphore(AT_ONCE)

    async def play_one(case: Case) -> tuple[RealOrder, Order]:
        async with places:
            return await play(shop, case, a_photo())

    ends: dict[str, tuple[RealOrder, Order] | BaseException] = {}
    for is_last in (False, True):
        some = [case for case in cases if (case.fault.get("seconds", 0) >= AN_HOUR) is is_last]
        played = await asyncio.gather(*map(play_one, some), return_exceptions=True)
        ends |= zip([case.name for case in some], played, strict=True)
    return ends


@pytest.fixture(scope="module")
async def gemini_first(real_shop: RealShop) -> Ends:
    real_shop.have_no_worker()
    real_shop.start_worker(**QUICK)
    return await play_all(real_shop, GEMINI)


@pytest.fixture(scope="module")
async def seedream_first(real_shop: RealShop) -> Ends:
    real_shop.have_no_worker()
    real_shop.start_worker(**QUICK, **SEEDREAM_FIRST)
    return await play_all(real_shop, SEEDREAM)


async def assert_as_told(shop: RealShop, case: Case, ends: Ends) -> None:
    end = ends[case.name]
    if isinstance(end, BaseException):
        raise end
    order, told = end
    assert [(attempt.model, attempt.outcome) for attempt in told.pictures[0].attempts] == case.attempts
    assert [row["outcome"] for row in await order.calls()] == case.calls
    await books_agree(shop, order, told)
    if case.staff:
        assert await shop.staff_told(order.order_id, case.staff)
    else:
        assert [words for words in await shop.staff_read(order.order_id) if NOT_SET_UP not in words] == []
    said = await shop.ledger("bot", customer=order.customer_id, repeat="False")
    is_asked_to_wait = any("请稍等" in str(message.get("content")) for message in said)
    assert is_asked_to_wait == (case.status is Status.WITH_DESIGNER or case.is_asked_to_wait)


@pytest.mark.timeout(420)  # the first of each table plays all of it
@pytest.mark.parametrize("case", GEMINI, ids=[case.name for case in GEMINI])
async def test_gemini(real_shop: RealShop, gemini_first: Ends, case: Case) -> None:
    await assert_as_told(real_shop, case, gemini_first)


@pytest.mark.timeout(420)
@pytest.mark.parametrize("case", SEEDREAM, ids=[case.name for case in SEEDREAM])
async def test_seedream(real_shop: RealShop, seedream_first: Ends, case: Case) -> None:
    await assert_as_told(real_shop, case, seedream_first)


async def test_staff_hear_once_of_each_key_and_of_each_order_that_waits(
    real_shop: RealShop, gemini_first: Ends
) -> None:
    read = {True: "", False: ""}  # by whether the order had to wait
    for case in GEMINI:
        end = gemini_first[case.name]
        if isinstance(end, BaseException):
            continue
        if case.is_asked_to_wait:
            await real_shop.staff_told(end[0].order_id, NOT_SET_UP)  # few messages a minute go out
        read[case.is_asked_to_wait] += "".join(await real_shop.staff_read(end[0].order_id))
    assert 1 <= (read[True] + read[False]).count(f"**Gemini{NOT_SET_UP}") <= 2
    assert all(read[False].count(f"**{name}{NOT_SET_UP}") <= 1 for name in ("Gemini", "Seedream"))
    assert NOT_SET_UP in read[True]
