"""Speaking to the dispatch system: who gets a task, when its result is new, what is created once."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.dispatching import Dispatching
from domain.designers.dispatch import (
    Assigned,
    AssignInput,
    CloseInput,
    DispatchRequest,
    Looked,
    LookInput,
    OpenInput,
    Watched,
    WatchInput,
)
from domain.designers.ports import DispatchTask
from domain.vocabulary.errors import NotYet, OutsideRefused, OutsideUnavailable
from domain.vocabulary.rules import DesignerRules
from tests.fake_designers import FakeDispatch, FakeDispatchRecords
from tests.fakes import DefaultPhrases, FakeFiles

RESULT = "https://designer.example/1.png"
REQUEST = DispatchRequest(
    task_id="TASK_20261122_7K3F9Q_1", order_id="ORDER_20261122_7K3F9Q", customer_id="customer-1", reason="two heads"
)


class Desk:
    """The activities on a dispatch system with one task, and its records, in memory."""

    def __init__(self) -> None:
        self.dispatch, self.records = FakeDispatch(), FakeDispatchRecords()
        self.does = Dispatching(
            self.dispatch, self.records, FakeFiles(), DefaultPhrases(), DesignerRules(), timedelta(seconds=10)
        )
        self.there_is()

    def there_is(self, status: str = "pending", designer: str = "", **facts: Any) -> None:
        """Let its task stand so."""
        self.dispatch.tasks["T1"] = DispatchTask(status, designer, **facts)
        self.dispatch.descriptions["T1"], self.dispatch.notes["T1"] = REQUEST.marker, []

    async def assign(self, **facts: Any) -> Assigned:
        wanted = AssignInput(**{"dispatch_id": "D", "dispatch_task_id": "T1", "request": REQUEST} | facts)
        return await ActivityEnvironment().run(self.does.assign, wanted)

    @property
    def given(self) -> list[str]:
        return [designer for _, designer, _ in self.dispatch.given]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(("there", "is_away"), [(["橘子", "婷婷"], False), (["婷婷"], True), ([], True)])
async def test_a_revision_goes_to_its_designer_and_says_whether_they_are_there(
    desk: Desk, there: list[str], is_away: bool
) -> None:
    desk.there_is("assigned", "橘子")
    desk.dispatch.there = there
    given = await desk.assign(holder="橘子", is_for_holder=True, wish="再亮一点")
    assert (given.designer, given.is_away, desk.given) == ("橘子", is_away, ["橘子"])


# ---- what is created once --------------------------------------------------------------------------------------------


async def test_a_task_is_created_with_all_that_a_designer_needs(desk: Desk) -> None:
    desk.dispatch.tasks.clear()
    opened = await ActivityEnvironment().run(desk.does.open, OpenInput(dispatch_id="D", request=REQUEST))
    assert (opened.dispatch_task_id, desk.records.opened_as) == ("T1", {"D": ""})
    assert desk.dispatch.descriptions["T1"].splitlines()[:2] == [f"订单 {REQUEST.task_id}", "原因: two heads"]


async def test_a_task_that_waits_there_is_not_created_again(desk: Desk) -> None:
    opened = await ActivityEnvironment().run(desk.does.open, OpenInput(dispatch_id="D", request=REQUEST))
    assert (opened.dispatch_task_id, list(desk.dispatch.tasks)) == ("T1", ["T1"])


async def test_while_the_records_are_away_nothing_is_created(desk: Desk) -> None:
    desk.dispatch.tasks.clear()
    desk.records.failures = [OutsideUnavailable("Postgres is away")]
    with pytest.raises(OutsideUnavailable, match="Postgres"):
        await ActivityEnvironment().run(desk.does.open, OpenInput(dispatch_id="D", request=REQUEST))
    assert desk.dispatch.tasks == {}


async def close(desk: Desk, **facts: Any) -> None:
    wanted = CloseInput(**{"dispatch_id": "D", "request": REQUEST, "closing": "dispatch_cancelled"} | facts)
    await ActivityEnvironment().run(desk.does.close, wanted)


async def test_a_task_is_closed_as_is_said(desk: Desk) -> None:
    await close(desk, dispatch_task_id="T1", closing="dispatch_accepted")
    assert (desk.dispatch.tasks["T1"].status, desk.dispatch.notes["T1"]) == ("completed", ["客户已确认,效果满意"])
    assert desk.records.ended == {"D": "dispatch_accepted"}


async def test_what_is_closed_there_is_left_alone(desk: Desk) -> None:
    await close(desk, dispatch_task_id="T1", is_finished_there=True)
    assert (desk.dispatch.notes["T1"], desk.records.ended) == ([], {"D": "dispatch_cancelled"})


async def test_a_task_that_is_listed_late_is_called_off_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.dispatching.LISTED_AFTER", timedelta(seconds=0.01))
    desk.dispatch.slow_lists = 1
    await close(desk)
    assert desk.dispatch.tasks["T1"].status == "cancelled"


# ---- when its result is new ------------------------------------------------------------------------------------------


async def watch(desk: Desk, known: str) -> Watched:
    wanted = WatchInput(dispatch_id="D", dispatch_task_id="T1", known_result=known)
    return await ActivityEnvironment().run(desk.does.watch, wanted)


async def test_an_address_that_is_signed_anew_at_each_look_is_no_new_result(desk: Desk) -> None:
    desk.there_is("submitted", "橘子", result_url=f"{RESULT}?X-Amz-Date=2&X-Amz-Signature=b")
    with pytest.raises(NotYet):
        await watch(desk, f"{RESULT}?X-Amz-Date=1&X-Amz-Signature=a")
    assert (await watch(desk, f"{RESULT}.old?X-Amz-Signature=a")).result_url == desk.dispatch.tasks["T1"].result_url


async def test_whoever_only_asks_whether_the_system_answers_hears_that_nothing_came(desk: Desk) -> None:
    wanted = WatchInput(dispatch_id="D", dispatch_task_id="T1", is_patient=False)
    assert await ActivityEnvironment().run(desk.does.watch, wanted) == Watched(is_unchanged=True)


async def test_files_that_only_their_query_tells_apart_are_two(desk: Desk) -> None:
    desk.there_is("submitted", "橘子", result_url="https://designer.example/file?id=2")
    assert (await watch(desk, "https://designer.example/file?id=1")).result_url == "https://designer.example/file?id=2"


async def test_a_look_tells_how_a_task_stands(desk: Desk) -> None:
    desk.there_is("completed", "橘子", is_finished=True, result_url=RESULT)
    looked = await ActivityEnvironment().run(desk.does.look, LookInput(dispatch_task_id="T1"))
    assert looked == Looked(is_finished=True, result_url=RESULT)


# ---- who gets it -----------------------------------------------------------------------------------------------------


async def test_who_is_suggested_gets_it(desk: Desk) -> None:
    desk.dispatch.suggested = "婷婷"
    assert (await desk.assign()).designer == "婷婷"
    assert (desk.given, desk.records.turns, desk.records.opened_as) == (["婷婷"], ["婷婷"], {"D": "T1"})


@pytest.mark.parametrize("holder", ["橘子", ""])
@pytest.mark.parametrize(
    "facts",
    [
        {"status": "submitted", "result_url": RESULT},
        {"status": "completed", "is_finished": True, "result_url": RESULT},
        {"status": "completed", "is_finished": True},
    ],
)
async def test_what_is_handed_in_stays_with_whoever_did_it(desk: Desk, facts: dict[str, Any], holder: str) -> None:
    desk.there_is(designer="橘子", **facts)
    assert await desk.assign(holder=holder) == Assigned(designer="橘子", is_accepted=True)
    assert await desk.assign(had_it=["橘子"]) == Assigned(designer="橘子", is_accepted=True)
    assert desk.given == []


async def test_who_is_to_know_of_a_wish_keeps_the_task_unless_it_is_done(desk: Desk) -> None:
    desk.there_is("submitted", "橘子", result_url=RESULT)
    assert await desk.assign(holder="橘子", is_for_holder=True, wish="再亮一点") == Assigned(designer="橘子")
    assert desk.dispatch.given == [("T1", "橘子", "客户要求修改: 再亮一点")]
    desk.there_is("completed", "橘子", is_finished=True)
    assert (await desk.assign(holder="橘子", is_for_holder=True, wish="再亮一点")).is_over


async def test_what_was_finished_by_nobody_who_is_named_is_given_to_nobody(desk: Desk) -> None:
    desk.there_is("completed", is_finished=True)
    assert await desk.assign(is_patient=True) == Assigned(is_accepted=True)


async def test_a_result_that_is_known_keeps_nobody_from_losing_it(desk: Desk) -> None:
    desk.there_is("assigned", "橘子", result_url=RESULT)
    assert (await desk.assign(holder="橘子", known_result=RESULT)).designer == "婷婷"


async def test_whom_the_system_knows_no_more_is_followed_by_somebody_else_who_reads_it_all(desk: Desk) -> None:
    desk.dispatch.gone = {"橘子"}
    assert (await desk.assign(holder="橘子", is_for_holder=True, wish="再亮一点")).designer == "婷婷"
    assert desk.dispatch.given[-1][2].splitlines()[1:] == [
        "原因: two heads",
        "客户: customer-1",
        "客户要求修改: 再亮一点",
    ]


async def test_whom_an_earlier_dispatch_names_and_the_system_knows_no_more_is_waited_for_by_nobody(desk: Desk) -> None:
    desk.dispatch.gone, desk.dispatch.there = {"小美"}, []
    request = REQUEST.model_copy(update={"designer": "小美"})
    assert await desk.assign(request=request) == Assigned()
    desk.dispatch.there = ["小美", "婷婷"]
    assert (await desk.assign(request=request, is_patient=True)).designer == "婷婷"


async def test_a_refusal_that_meets_everybody_is_trouble(desk: Desk) -> None:
    desk.dispatch.gone = {"橘子", "婷婷"}
    with pytest.raises(OutsideRefused):
        await desk.assign(holder="橘子", is_for_holder=True, wish="再亮一点")


async def test_once_everybody_had_it_it_goes_round_again(desk: Desk) -> None:
    desk.there_is("assigned", "婷婷")
    assert (await desk.assign(holder="婷婷", had_it=["橘子"])).designer == "橘子"


async def test_where_nobody_else_is_there_its_holder_keeps_it(desk: Desk) -> None:
    desk.there_is("assigned", "橘子")
    desk.dispatch.there = ["橘子"]
    assert (await desk.assign(holder="橘子")).designer == "橘子"


async def test_nobody_is_waited_for_only_by_the_patient(desk: Desk) -> None:
    desk.dispatch.there = []
    assert await desk.assign() == Assigned()
    with pytest.raises(NotYet, match="no designer is online"):
        await desk.assign(is_patient=True)
