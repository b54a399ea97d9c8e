"""What no provider can be asked for: it is not there, it costs too much, we call it off, or our worker dies."""

import socket
from hashlib import sha256

from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from tests.integration.orders.conftest import RealOrder, RealShop, eventually
from tests.integration.orders.outcomes import WAIT, books_agree
from tests.integration.orders.test_outcomes import a_photo


async def paid(shop: RealShop, *, hangs: int = 0, **env: str) -> RealOrder:
    """A paid order at whose picture Gemini hangs so many times."""
    shop.have_no_worker()
    shop.start_worker(**env)
    photo = a_photo()
    if hangs:
        digest = sha256(photo).hexdigest()
        await shop.ask_for_fault("gemini", fault="hang", kind="image", times=hangs, input_sha256=digest)
    order = await shop.new_order(photo, note="改成480x360像素")
    await order.pay(await order.is_quoted())
    return order


async def outcomes_of(order: RealOrder) -> list[str]:
    return [call["outcome"] for call in await order.calls()]


async def is_being_made(shop: RealShop, order: RealOrder) -> None:
    """Wait until the provider works on it."""
    original = (await order.until(lambda o: o.live[0].original, told=False)).live[0].original
    assert original is not None
    await eventually(lambda: shop.ledger("gemini", kind="image", input_sha256=original.sha256))


async def test_a_provider_that_is_not_there_is_left_for_another(real_shop: RealShop) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        order = await paid(real_shop, IMAGE_PROVIDERS="seedream,gemini", ARK_BASE_URL=address)
        await eventually(order.calls)
        await order.pass_time(WAIT)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert [attempt.outcome for attempt in shown.live[0].attempts] == [Outcome.UNREACHABLE, Outcome.PASSED]
    assert await outcomes_of(order) == [Outcome.UNREACHABLE] * 4 + [Outcome.PASSED]
    assert not any(call["possibly_billed"] for call in await order.calls())


async def test_attempts_that_would_cost_too_much_are_left_to_people(real_shop: RealShop) -> None:
    stingy = {"PICTURE_COST_LIMIT": "0.8", "IMAGE_PROVIDERS": "gemini", "GEMINI_TIMEOUT_SECONDS": "4"}
    order = await paid(real_shop, hangs=1, **stingy)
    await eventually(order.calls)
    await order.pass_time(WAIT)
    failed = await order.reaches(Status.WITH_DESIGNER)
    (attempt,) = failed.live[0].attempts
    assert (attempt.outcome, await outcomes_of(order)) == (Outcome.TOO_DEAR, [Outcome.TIMED_OUT])
    assert await real_shop.staff_told(order.order_id, "作图费用已到上限")
    assert failed.live[0].spent.most < 0.8


async def test_a_call_of_an_order_that_is_called_off_is_broken_off_and_perhaps_billed(real_shop: RealShop) -> None:
    order = await paid(real_shop, hangs=1)
    await is_being_made(real_shop, order)
    await order.signal("cancel_requested", requested_by="staff")
    await order.reaches(Status.CANCELLED)
    (call,) = await eventually(order.calls, lambda calls: calls[0]["status"] != "processing")
    assert (call["outcome"], call["possibly_billed"]) == (Outcome.CALLED_OFF, True)


async def test_a_call_that_died_with_its_worker_is_perhaps_billed_and_made_anew(real_shop: RealShop) -> None:
    order = await paid(real_shop, hangs=1)
    await is_being_made(real_shop, order)
    real_shop.kill_worker()
    real_shop.start_worker()
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    killed, made = await order.calls()
    told = ("outcome", "status", "possibly_billed")
    assert [killed[name] for name in told] == [Outcome.INTERRUPTED, "interrupted", True]
    assert [made[name] for name in told] == [Outcome.PASSED, "completed", False]
    assert killed["attempt"] == made["attempt"]
    assert shown.live[0].spent.possibly > 0
    await books_agree(real_shop, order, shown)
