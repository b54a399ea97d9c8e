"""Workers that share the queues between them, and that are told to stop."""

import asyncio
from hashlib import sha256
from signal import SIGCONT, SIGSTOP

import pytest

from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from starter.commands.operating import doctor
from tests.conftest import Servers
from tests.forks import Forked
from tests.integration.orders.conftest import RealOrder, RealShop, eventually
from tests.integration.orders.outcomes import books_agree
from tests.integration.orders.pages import worker
from tests.integration.orders.test_outcomes import a_photo


async def test_queues_may_be_worked_on_by_workers_of_their_own(real_shop: RealShop, photo: bytes) -> None:
    orders_and_staff = worker(real_shop, WORKER_QUEUES="orders,staff")
    assert "queue images" not in await orders_and_staff.is_ready()
    with pytest.raises(doctor.Problem, match="no worker polls the queue images"):
        await doctor.CHECKS["worker"](real_shop.settings)
    order = await real_shop.new_order(photo)
    await order.until(lambda seen: seen.live, told=False)
    images = worker(real_shop, WORKER_QUEUES="images,pixels")
    checks = await images.is_ready()
    assert {name for name in checks if name.startswith("queue")} == {"queue images", "queue pixels"}
    assert await doctor.CHECKS["worker"](real_shop.settings) == "all task queues are polled"
    assert (await order.is_shown()).status is Status.AWAITING_CONFIRM


async def is_at_work(shop: RealShop, *, hangs: int = 0) -> RealOrder:
    """A paid order whose picture is being made just now; Gemini hangs at it so many times."""
    photo = a_photo(240, 180)  # seconds of work where the local model makes it larger
    if hangs:
        digest = sha256(photo).hexdigest()
        await shop.ask_for_fault("gemini", fault="hang", kind="image", times=hangs, input_sha256=digest)
    order = await shop.new_order(photo)
    await order.pay(await order.is_quoted())
    await eventually(order.calls)
    return order


async def told_to_stop(process: Forked, within: float) -> None:
    """SIGTERM, as of `docker stop`; the process ends well within so many seconds."""
    process.terminate()
    assert await asyncio.to_thread(process.wait, within) == 0


@pytest.mark.timeout(240)  # real work, on a machine that may be busy
async def test_a_worker_that_is_told_to_stop_finishes_the_picture_first(real_shop: RealShop) -> None:
    real_shop.have_no_worker()
    process = real_shop.start_worker(
        IMAGE_PROVIDERS="local", WORKER_GRACE_SECONDS="120"
    )  # seconds of real work in a child process
    order = await is_at_work(real_shop)
    assert [call["status"] for call in await order.calls()] == ["processing"]
    await told_to_stop(process, 130)
    (call,) = await order.calls()
    assert (call["status"], call["possibly_billed"]) == ("completed", False)
    real_shop.start_worker(IMAGE_PROVIDERS="local")
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    assert len(await order.calls()) == len(shown.live[0].attempts) == 1


async def test_what_takes_longer_than_the_grace_goes_on_at_another_worker(real_shop: RealShop) -> None:
    real_shop.have_no_worker()
    process = real_shop.start_worker(WORKER_GRACE_SECONDS="1")
    order = await is_at_work(real_shop, hangs=1)
    real_shop.start_worker()
    await told_to_stop(process, 60)  # the model would hang for two minutes
    shown = await order.reaches(Status.AWAITING_CONFIRM)
    first, second = await order.calls()
    assert (first["outcome"], first["possibly_billed"]) == (Outcome.INTERRUPTED, True)
    assert second["outcome"] == Outcome.PASSED
    await books_agree(real_shop, order, shown)


@pytest.mark.timeout(120)
async def test_a_frozen_temporal_keeps_no_worker_from_stopping(real_shop: RealShop, servers: Servers) -> None:
    real_shop.have_no_worker()
    page = worker(real_shop, WORKER_GRACE_SECONDS="2")
    await page.is_ready()
    process = real_shop.workers[-1]
    servers.send("temporal", SIGSTOP)
    try:
        process.terminate()
        assert await asyncio.to_thread(process.wait, 50) in {0, 1}  # the client says good-bye for 30 s
    finally:
        servers.send("temporal", SIGCONT)
