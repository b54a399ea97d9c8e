"""What the simulated Tuhui can be told to do wrong, and what the adapter makes of each over the wire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.tuhui.client import Tuhui, TuhuiOptions
from domain.designers.ports import DispatchTask
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable
from tests.integration.simulators.tuhui.calls import Desk
from tests.integration.simulators_fixtures import TUHUI_KEY, encoded, photograph, running_simulators

MARKER = "订单 TASK_20261122_7K3F9Q_1"
PERHAPS = "may be there all the same"
CALLS: dict[str, Callable[[Tuhui, str], Awaitable[object]]] = {
    "create": lambda tuhui, _: tuhui.create("图片处理-0001", MARKER),
    "assign": lambda tuhui, task: tuhui.assign(task, "婷婷", "notes"),
    "task": lambda tuhui, task: tuhui.task(task),
    "complete": lambda tuhui, task: tuhui.complete(task, "notes"),
    "cancel": lambda tuhui, task: tuhui.cancel(task, "notes"),
    "online": lambda tuhui, _: tuhui.online(),
    "queue": lambda tuhui, _: tuhui.pending(MARKER),
}
EFFECTS = ("create", "assign", "complete", "cancel")
DONE_BUT_UNHEARD: tuple[dict[str, Any], ...] = (
    {"fault": "lost"},
    {"fault": "hang", "seconds": 30},
    {"fault": "drip"},
    {"fault": "cut"},
    {"fault": "status", "status": 500, "after": True},
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_simulators(tmp_path_factory.mktemp("tuhui")) as running:
        yield Desk(running)


@pytest.fixture
async def tuhui(desk: Desk) -> AsyncIterator[Tuhui]:
    """The adapter, told what the simulated Tuhui does beyond what is documented."""
    options = TuhuiOptions(
        accepted_statuses=frozenset({"accepted"}), result_field="result_url", cancel_path="/tasks/{id}/cancel"
    )
    async with httpx.AsyncClient() as client:
        yield Tuhui(desk.url, TUHUI_KEY, client, options)


async def failure(call: Awaitable[object]) -> DarkroomError:
    with pytest.raises(DarkroomError) as raised:
        await call
    return raised.value


def effects(desk: Desk, kind: str) -> list[dict[str, Any]]:
    return desk.simulators.ledger("tuhui", kind=kind)


# Without faults.


async def test_the_adapter_follows_a_task_from_its_creation_to_its_result(desk: Desk, tuhui: Tuhui) -> None:
    marker = "订单 TASK_20261122_ABCDEF_1"
    assert await tuhui.online() == ["橘子", "婷婷"]
    assert await tuhui.pending(marker) is None
    task = await tuhui.create("图片处理-0001", f"{marker}\n原因: 三次没过")
    assert await tuhui.pending(marker) == task
    assert await tuhui.task(task) == DispatchTask("pending")
    assert await tuhui.suggestion() in {"橘子", "婷婷"}
    await tuhui.assign(task, "橘子", "notes")
    assert (await tuhui.pending(marker), await tuhui.task(task)) == (None, DispatchTask("assigned", "橘子"))
    desk.desk(f"{task}/accept")
    assert await tuhui.task(task) == DispatchTask("accepted", "橘子", is_accepted=True)
    desk.desk(f"{task}/finish", files={"picture": encoded(photograph())})
    done = await tuhui.task(task)
    assert (done.status, done.is_finished) == ("submitted", False), "it stays open for a revision"
    assert (done.result_url or "").startswith(f"{desk.url}/files/")
    await tuhui.complete(task, "客户已确认,效果满意")
    assert (await tuhui.task(task)).is_finished
    await tuhui.complete(task, "客户已确认,效果满意")  # it is over: not an error
    await tuhui.cancel(task, "订单已取消")
    assert desk.kinds(task) == ["create", "assign", "accept", "finish", "complete", "refused", "refused"]


async def test_a_task_that_is_called_off_is_cancelled_once(desk: Desk, tuhui: Tuhui) -> None:
    task = desk.given()
    for _ in range(2):
        await tuhui.cancel(task, "订单已取消")
    assert (await tuhui.task(task)).status == "cancelled"
    assert len(desk.simulators.ledger("tuhui", task_id=task, kind="cancel")) == 1
    assert type(await failure(tuhui.assign(task, "橘子", ""))) is OutsideRefused


async def test_who_has_another_key_or_asks_for_what_is_not_there_is_refused(desk: Desk, tuhui: Tuhui) -> None:
    async with httpx.AsyncClient() as client:
        assert type(await failure(Tuhui(desk.url, "another", client).online())) is OutsideRefused
    assert type(await failure(tuhui.task("00000000"))) is OutsideRefused
    assert type(await failure(tuhui.assign(desk.create(), "谁", ""))) is OutsideRefused


# With faults.


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "kind"), [(503, OutsideUnavailable), (429, OutsideUnavailable), (403, OutsideRefused)]
)
async def test_a_status_keeps_it_from_being_done(
    desk: Desk, tuhui: Tuhui, call: str, status: int, kind: type[DarkroomError]
) -> None:
    task = desk.given()
    before = len(effects(desk, call))
    desk.fault(fault="status", status=status, kind=call, retry_after=9)
    error = await failure(CALLS[call](tuhui, task))
    assert type(error) is kind
    assert kind is OutsideRefused or error.retry_after == timedelta(seconds=9)
    assert len(effects(desk, call)) == before
    last = desk.simulators.ledger("tuhui")[-1]
    assert (last["kind"], last["call"], last["status"], last["fault"]) == ("refused", call, status, "status")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", DONE_BUT_UNHEARD, ids=[fault["fault"] for fault in DONE_BUT_UNHEARD])
async def test_what_is_not_heard_of_may_have_been_done(
    desk: Desk, tuhui: Tuhui, monkeypatch: pytest.MonkeyPatch, call: str, fault: dict[str, Any]
) -> None:
    monkeypatch.setattr("adapters.tuhui.wire.TIMEOUT_SECONDS", 0.5)
    task = desk.given()
    before = len(effects(desk, call))
    assert desk.fault(**fault, kind=call).is_success
    error = await failure(CALLS[call](tuhui, task))
    assert type(error) is OutsideUnavailable
    assert (PERHAPS in str(error)) == (call == "create")
    done = effects(desk, call)[before:]
    assert [entry["fault"] for entry in done] == ([fault["fault"]] if call in EFFECTS else [])


@pytest.mark.parametrize("fault", ["garbage", "html"])
@pytest.mark.parametrize("call", ["create", "task", "online", "queue"])
async def test_an_answer_that_is_not_understood_is_trouble(desk: Desk, tuhui: Tuhui, call: str, fault: str) -> None:
    task = desk.given()
    desk.fault(fault=fault, kind=call)
    error = await failure(CALLS[call](tuhui, task))
    assert type(error) is OutsideUnavailable
    assert "not understood" in str(error)


async def test_a_task_may_be_there_before_it_can_be_seen(desk: Desk, tuhui: Tuhui) -> None:
    marker = "订单 TASK_20261122_HIDDEN_1"
    desk.fault(fault="hidden", seconds=3)
    assert await tuhui.online()  # it waits for a creation
    task = await tuhui.create("n", marker)
    assert await tuhui.pending(marker) is None
    assert (await tuhui.task(task)).status == "pending"
    await asyncio.sleep(3)
    assert await tuhui.pending(marker) == task


async def test_a_fault_may_be_about_one_order(desk: Desk, tuhui: Tuhui) -> None:
    mine, other = desk.given("订单 T_MINE"), desk.given("订单 T_OTHER")
    desk.fault(fault="status", status=500, about="T_MINE", times=2)
    assert (await tuhui.task(other)).status == "assigned"
    assert await tuhui.create("n", "订单 T_OTHER")
    assert type(await failure(tuhui.task(mine))) is OutsideUnavailable
    assert PERHAPS in str(await failure(tuhui.create("n", "订单 T_MINE")))
    assert (await tuhui.task(mine)).status == "assigned"


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"fault": "status", "status": 200},
        {"fault": "lost", "kind": "desk"},
        {"fault": "odd"},
        {"fault": "hidden", "seconds": 0},
    ],
)
def test_a_fault_that_is_none_is_refused(desk: Desk, fault: dict[str, Any]) -> None:
    assert desk.fault(**fault).status_code == 400


def test_faults_are_shown_with_what_they_do_and_can_be_forgotten(desk: Desk) -> None:
    faults = f"{desk.url}/faults"
    httpx.delete(faults)
    desk.fault(fault="lost", kind="create", times=3)
    shown = httpx.get(faults).json()
    assert shown["waiting"] == [{"fault": "lost", "times": 3, "kind": "create"}]
    assert {"status", "lost", "hidden", "hang", "drip", "cut", "garbage", "html"} == set(shown["faults"])
    assert httpx.delete(faults).json()["waiting"] == []
