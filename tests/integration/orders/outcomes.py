"""The table of everything that a model can come to, and the comparison of all who keep books of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from temporalio.api.enums.v1 import EventType

from domain.order.order import Order
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from tests.integration.orders.conftest import RealOrder, RealShop

WAIT = timedelta(minutes=3)
SIMULATORS = {"gemini": "gemini", "seedream": "ark"}
G, PRO, S = "gemini-3.1-flash-image", "gemini-3-pro-image", "doubao-seedream-4-0-250828"
ENHANCE = "变清晰一点"
USUAL = {("kind", "image"), ("simulator", "ark")}  # goes without saying in a name
O = Outcome  # noqa: E741 - the tables are read more easily with a short name

End = tuple[str, Outcome]  # by which model, and what it came to


@dataclass(frozen=True)
class Case:
    """What goes wrong, what each call and each attempt came to, where that leads, and what people are told."""

    fault: dict[str, Any]
    calls: list[Outcome]
    attempts: list[End]
    status: Status = Status.AWAITING_CONFIRM
    staff: str = ""  # words that staff read; nothing said: they are not told
    is_asked_to_wait: bool = False  # the customer, although it will be made
    waits: bool = False  # for longer than a test would
    more: list[dict[str, Any]] = field(default_factory=list)  # further faults, of the other provider
    note: str = "改成480x360像素"  # small work, for a quick test

    @property
    def name(self) -> str:
        facts = [str(value) for name, value in self.fault.items() if (name, value) not in USUAL]
        return " ".join([*facts, *(str(fault["fault"]) for fault in self.more)])


def _again(fault: dict[str, Any], outcome: Outcome) -> Case:
    """Temporal tries it again, in the same attempt."""
    return Case(fault, [outcome, O.PASSED], [(G, O.PASSED)])


def _next(fault: dict[str, Any], outcome: Outcome) -> Case:
    """The same model makes another attempt."""
    return Case(fault, [outcome, O.PASSED], [(G, outcome), (G, O.PASSED)])


def _other(fault: dict[str, Any], outcome: Outcome, *, calls: int = 1, waits: bool = False) -> Case:
    """The other provider makes it."""
    return Case(fault, [*[outcome] * calls, O.PASSED], [(G, outcome), (S, O.PASSED)], waits=waits)


def _people(fault: dict[str, Any], outcome: Outcome, staff: str) -> Case:
    return Case(fault, [outcome], [(G, outcome)], Status.WITH_DESIGNER, staff)


def _image(fault: str, **facts: Any) -> dict[str, Any]:
    return {"fault": fault, "kind": "image", **facts}


def _score(score: int, next_step: str, **facts: Any) -> dict[str, Any]:
    return {"fault": "score", "kind": "score", "score": score, "next_step": next_step, **facts}


GEMINI = [
    _again(_image("busy"), O.BUSY),
    _again(_image("busy", seconds=1), O.BUSY),
    _other(_image("busy", seconds=3600), O.BUSY),
    _again(_image("internal"), O.BROKEN),
    _again(_image("unavailable"), O.BROKEN),
    _other(_image("unavailable", times=4), O.BROKEN, calls=4, waits=True),
    _again(_image("deadline"), O.TIMED_OUT),
    _again(_image("retry"), O.BROKEN),
    _again(_image("aborted"), O.BROKEN),
    _again(_image("cancelled"), O.TIMED_OUT),
    _again(_image("hang"), O.TIMED_OUT),
    _again(_image("drip"), O.TIMED_OUT),
    _again(_image("cut"), O.CUT_OFF),
    _next(_image("garbage"), O.GARBLED),
    _next(_image("html"), O.GARBLED),
    _next(_image("no_picture"), O.NO_PICTURE),
    _next(_image("no_picture", reason="IMAGE_OTHER"), O.NO_PICTURE),
    _next(_image("no_picture", reason="MAX_TOKENS"), O.NO_PICTURE),
    _next(_image("text"), O.ONLY_WORDS),
    _next(_image("truncated"), O.BROKEN_PICTURE),
    Case(
        _image("no_picture", times=2),
        [O.NO_PICTURE, O.NO_PICTURE, O.PASSED],
        [(G, O.NO_PICTURE), (G, O.NO_PICTURE), (S, O.PASSED)],
    ),
    *(
        _other(_image("refused", reason=reason), O.REFUSED)
        for reason in ("SAFETY", "RECITATION", "IMAGE_SAFETY", "IMAGE_RECITATION")
    ),
    _other(_image("blocked", reason="SAFETY"), O.REFUSED),
    *(
        _people(_image("refused", reason=reason), O.FORBIDDEN, "模型认为内容违规")
        for reason in ("PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_PROHIBITED_CONTENT")
    ),
    _people(_image("blocked", reason="PROHIBITED_CONTENT"), O.FORBIDDEN, "模型认为内容违规"),
    _other(_image("bad_input"), O.BAD_INPUT),
    _other(_image("expired_key"), O.NOT_SET_UP),
    _other(_image("forbidden"), O.NOT_SET_UP),
    _other(_image("no_model"), O.NOT_SET_UP),
    Case(_image("two"), [O.PASSED], [(G, O.PASSED)]),
    Case(_image("thoughts"), [O.PASSED], [(G, O.PASSED)]),
    Case(
        _image("same"),
        [O.UNCHANGED, O.PASSED],
        [(G, O.UNCHANGED), (PRO, O.PASSED)],
        note="把背景里的杂物去掉",
    ),
    Case(_image("wrong_size"), [O.WRONG_FILE, O.PASSED], [(G, O.WRONG_FILE), (G, O.PASSED)], note=ENHANCE),
    Case(_image("blurred"), [O.WRONG_FILE, O.PASSED], [(G, O.WRONG_FILE), (PRO, O.PASSED)], note=ENHANCE),
    Case(_score(40, "repair_prompt"), [O.POOR, O.PASSED], [(G, O.POOR), (G, O.PASSED)]),
    Case(_score(40, "stronger_model"), [O.POOR, O.PASSED], [(G, O.POOR), (PRO, O.PASSED)]),
    Case(_score(40, "other_provider"), [O.POOR, O.PASSED], [(G, O.POOR), (S, O.PASSED)]),
    Case(_score(40, "designer"), [O.POOR], [(G, O.POOR)], Status.WITH_DESIGNER, "新任务派单"),
    Case(
        _score(40, "repair_prompt", times=3),
        [O.POOR, O.POOR, O.POOR],
        [(G, O.POOR), (G, O.POOR), (PRO, O.POOR)],
        staff="图片质检未通过,请人工核查",
    ),
    Case({"fault": "busy", "kind": "score"}, [O.PASSED], [(G, O.PASSED)]),
    Case(  # refused in the activity of the attempt, and in the one of its own that follows
        {"fault": "refused", "kind": "score", "times": 2}, [O.MADE], [(G, O.MADE)], staff="图片质检未通过,请人工核查"
    ),
    Case({"fault": "unavailable", "kind": "analysis"}, [O.PASSED], [(G, O.PASSED)]),
    Case({"fault": "refused", "kind": "analysis"}, [O.PASSED], [(G, O.PASSED)], staff="没有分析"),
    Case(
        _image("refused"),
        [O.REFUSED, O.REFUSED],
        [(G, O.REFUSED), (S, O.REFUSED)],
        Status.WITH_DESIGNER,
        "Seedream作图失败",
        more=[{"simulator": "ark", "fault": "sensitive"}],
    ),
    Case(
        _image("refused"),
        [O.REFUSED, O.NOT_SET_UP],
        [(G, O.REFUSED), (S, O.NOT_SET_UP)],
        Status.WITH_DESIGNER,
        "Seedream作图失败",
        more=[{"simulator": "ark", "fault": "overdue"}],
    ),
    Case(
        _image("expired_key"),
        [O.NOT_SET_UP, O.NOT_SET_UP, O.PASSED],
        [(G, O.NOT_SET_UP), (S, O.NOT_SET_UP), (G, O.PASSED)],
        is_asked_to_wait=True,
        waits=True,
        more=[{"simulator": "ark", "fault": "overdue"}],
    ),
]


def _ark(fault: str, **facts: Any) -> dict[str, Any]:
    return {"simulator": "ark", "fault": fault, **facts}


def _to_gemini(fault: dict[str, Any], outcome: Outcome) -> Case:
    return Case(fault, [outcome, O.PASSED], [(S, outcome), (G, O.PASSED)])


def _by_temporal(fault: dict[str, Any], outcome: Outcome) -> Case:
    return Case(fault, [outcome, O.PASSED], [(S, O.PASSED)])


def _once_more(fault: dict[str, Any], outcome: Outcome) -> Case:
    return Case(fault, [outcome, O.PASSED], [(S, outcome), (S, O.PASSED)])


# Where Seedream is asked first, for two pictures a call.
SEEDREAM = [
    Case(_ark("item_error"), [O.PASSED], [(S, O.PASSED)]),
    _by_temporal(_ark("rate"), O.BUSY),
    _by_temporal(_ark("rate", seconds=1), O.BUSY),
    _to_gemini(_ark("rate", seconds=3600), O.BUSY),
    _by_temporal(_ark("overloaded"), O.BUSY),
    _by_temporal(_ark("internal"), O.BROKEN),
    _by_temporal(_ark("unavailable"), O.BROKEN),
    _by_temporal(_ark("hang"), O.TIMED_OUT),
    _by_temporal(_ark("drip"), O.TIMED_OUT),
    _by_temporal(_ark("cut"), O.CUT_OFF),
    _once_more(_ark("garbage"), O.GARBLED),
    _once_more(_ark("html"), O.GARBLED),
    _once_more(_ark("no_data"), O.NO_PICTURE),
    _once_more(_ark("dead_url"), O.LOST_PICTURE),
    _once_more(_ark("truncated"), O.BROKEN_PICTURE),
    _to_gemini(_ark("sensitive"), O.REFUSED),
    _to_gemini(_ark("sensitive", code="OutputImageSensitiveContentDetected"), O.REFUSED),
    _to_gemini(_ark("invalid"), O.BAD_INPUT),
    _to_gemini(_ark("overdue"), O.NOT_SET_UP),
    _to_gemini(_ark("not_open"), O.NOT_SET_UP),
    _to_gemini(_ark("forbidden"), O.NOT_SET_UP),
]


# What no provider can be asked for: these have tests of their own in test_broken_off.py.
BROKEN_OFF = {O.UNREACHABLE, O.TOO_DEAR, O.CALLED_OFF, O.INTERRUPTED}


async def play(shop: RealShop, case: Case, photo: bytes) -> tuple[RealOrder, Order]:
    """Let an order run into the case; return it as it stands afterwards."""
    for fault in [case.fault, *case.more]:
        wanted = fault | {"input_sha256": sha256(photo).hexdigest()}  # other orders run into theirs meanwhile
        await shop.ask_for_fault(wanted.pop("simulator", "gemini"), **wanted)
    order = await shop.new_order(photo, note=case.note)
    await order.pay(await order.is_quoted())
    if case.waits:
        await order.until(lambda o: len(o.live[0].attempts) == len(case.attempts) or o.live[0].attempts, told=False)
        await skip(order, case)
    return order, await order.reaches(case.status)


async def skip(order: RealOrder, case: Case) -> None:
    """Let the waits between tries pass, once they have begun."""
    patient = any(end is O.NOT_SET_UP for _, end in case.attempts)
    if patient:
        await order.until(lambda o: o.live[0].attempts[-1].choice and o.live[0].attempts[-1].choice.is_patient)
    await order.pass_time(WAIT if not patient else timedelta(minutes=30))


async def books_agree(shop: RealShop, order: RealOrder, told: Order) -> None:
    """Compare the providers' ledgers, our ledger, the snapshot, and what Temporal recorded."""
    picture = told.pictures[0]
    assert picture.original is not None
    rows = [row for kind in ("analysis", "image", "score") for row in await order.calls(kind)]
    seen = [
        entry | {"provider": provider}
        for provider, simulator in SIMULATORS.items()
        for entry in await shop.ledger(simulator, input_sha256=picture.original.sha256)
    ]
    _each_call_is_on_both_ledgers(rows, seen)
    spent = sum(row["booked_cost"] or 0 for row in rows)
    assert (picture.spent.calls, picture.spent.cost) == (len(rows), spent)
    (view,) = await shop.rows("SELECT * FROM order_costs WHERE order_id = :id", id=order.order_id)
    assert (view["calls"], view["model_cost"], view["margin"]) == (len(rows), spent, told.margin)
    assert view["possibly_billed"] == picture.spent.possibly
    for attempt in picture.attempts:
        last = [row for row in rows if row["kind"] == "image" and row["attempt"] == attempt.number][-1]
        assert (last["outcome"], last["provider"], last["model"]) == (attempt.outcome, attempt.provider, attempt.model)
    parameters = await shop.rows(
        "SELECT DISTINCT task_id FROM generation_parameter WHERE task_id LIKE :id", id=f"{picture.task_id}-%"
    )
    assert {row["task_id"] for row in parameters} == {row["task_id"] for row in rows if row["kind"] == "image"}
    # No call without a try. A try that waits for a turn, or that only repeats the check, makes no call.
    assert await tries_in_history(shop, order) >= len([row for row in rows if row["kind"] == "image"])


def _each_call_is_on_both_ledgers(rows: list[dict[str, Any]], seen: list[dict[str, Any]]) -> None:
    for kind in ("analysis", "image", "score"):
        for provider in SIMULATORS:
            ours = [row for row in rows if (row["kind"], row["provider"]) == (kind, provider)]
            theirs = [entry for entry in seen if (entry["kind"], entry["provider"]) == (kind, provider)]
            assert len(ours) == len(theirs), (kind, provider)
            for row, entry in zip(ours, theirs, strict=True):
                is_counted = bool(row["booked_cost"]) or row["possibly_billed"]
                assert is_counted == entry["billed"], (row["outcome"], entry["fault"])
                if provider == "gemini" and row["status"] == "completed":
                    assert row["provider_request_id"] == entry["response_id"]


async def tries_in_history(shop: RealShop, order: RealOrder) -> int:
    """How often Temporal had a picture made: the tries of every `produce`."""
    history = await shop.client.get_workflow_handle(f"order-{order.order_id}").fetch_history()
    produced = {
        event.event_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == "produce"
    }
    started = [event.activity_task_started_event_attributes for event in history.events]
    return sum(attributes.attempt for attributes in started if attributes.scheduled_event_id in produced)
