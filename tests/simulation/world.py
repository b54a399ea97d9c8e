"""One simulated world: an order, its designers and searches, the script of what people do, and the verdict."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from activities import dispatching
from domain.library.finding import FindRequest
from domain.order.messages import UPDATES, Answer, OrderRequest, RequestedPicture
from domain.order.order import Order
from domain.order.staff_acts import Action, StaffAct
from domain.story import details
from domain.vocabulary import ids
from starter import acting
from tests.shop import FakeShop
from tests.simulation.events import QUOTED, Event, script
from tests.simulation.faults import Faults
from tests.simulation.oracle import Deeds, judge
from tests.simulation.runs import Run, Violation
from tests.simulation.server import Server

ORDER_ID = "ORDER_20261122_7K3F9Q"
ORDER = ids.workflow_id(ORDER_ID)
DISPATCH = ids.dispatch_id(ids.task_id(ORDER_ID, 1))
SOON = timedelta(minutes=5)
AFTERMATH = 150  # steps with faults after the last event
LEFT_ALONE, STAFF_ACT = 3000, 3  # steps without any fault; how often staff try to end what waits for people


@dataclass
class Ending:
    """How a world ended, for whoever counts."""

    seed: int
    steps: int = 0  # activations
    faults: dict[str, int] = field(default_factory=dict)
    tale: list[str] = field(default_factory=list)
    violation: str = ""


class World:
    """Plays a seed. `left_out` are the numbers of events that do not happen, `without` the faults."""

    def __init__(self, seed: int, left_out: Collection[int] = (), without: Collection[str] = ()) -> None:
        self.seed, self.faults = seed, Faults(seed, without)
        self.events = [event for number, event in enumerate(script(seed)) if number not in left_out]
        self.shop = FakeShop(cast("Any", SimpleNamespace(client=None)))
        self.server = Server(self.shop, self.faults)
        self.server.answered = self._answered
        self.asked: dict[str, tuple[str, Any]] = {}
        self.acts: dict[str, tuple[StaffAct, bool]] = {}  # of staff, and whether the rows were newer than they saw
        self.sent: list[Event] = []
        self._set_up_shop()
        self.order = self._start_order()
        self.deeds = Deeds()

    def _set_up_shop(self) -> None:
        drawn = self.faults.random
        self.shop.vision.scores = [drawn.choice((90, 90, 90, 75, 50, 20)) for _ in range(12)]
        if drawn.random() < 0.2:
            self.shop.designers = None  # a shop without a dispatch system

    def _start_order(self) -> Run:
        drawn = self.faults.random
        pictures = [
            RequestedPicture(image_url=f"https://shop.example/{n}.jpg") for n in range(drawn.choice((1, 1, 2, 3)))
        ]
        email = "wang@example.com" if drawn.random() < 0.5 else None
        request = OrderRequest(customer_id="customer-1", acc_id="shop-1", pictures=pictures, email=email)
        return self.server.start("OrderWorkflow", ORDER, request.model_dump(mode="json", exclude_defaults=True))

    def play(self) -> Ending:
        """Play the whole script, let everything settle, and judge it."""
        random.seed(self.seed)  # activities draw pauses
        with patch.object(dispatching, "LISTED_AFTER", timedelta(0)):  # nobody waits for real
            return self._play()

    def _play(self) -> Ending:
        ending = Ending(self.seed)
        try:
            for event in self.events:
                self._steps(event.pause)
                self._happen(event)
            self._steps(AFTERMATH)
            self.faults.end(self.shop)
            self._settle()
            self._replay_all()
            judge(self.snapshot(), self.deeds, self.shop, self.server)
        except Violation as violation:
            ending.violation = str(violation)
        ending.steps = sum(run.steps for run in self._runs())
        ending.faults, ending.tale = dict(self.faults.counts), self.server.tale
        return ending

    def snapshot(self) -> Order:
        """The order as its workflow knows it."""
        answer = self.server.runs[ORDER].ask("order", Order)
        assert isinstance(answer, Order)
        return answer

    def _steps(self, count: int) -> None:
        """Take steps; what lies days ahead comes only now and then before the next event."""
        patience = timedelta.max if self.faults.happens("nobody acts for days") else SOON
        for _ in range(count):
            if not self.server.step(patience):
                return

    def _settle(self) -> None:
        """Leave the order alone until it waits for people; then staff refund and cancel it, and it has to end."""
        for number in range(STAFF_ACT):
            for _ in range(LEFT_ALONE):
                if not self.server.step():
                    break
            if self.order_is_closed:
                break
            self._end_by_staff(number)
        for _ in range(LEFT_ALONE):
            if not self.server.step():
                return
        raise Violation("it never comes to an end")

    @property
    def order_is_closed(self) -> bool:
        """Whether the order's workflow has ended."""
        return self.server.runs[ORDER].is_closed

    def _end_by_staff(self, number: int) -> None:
        order = self.snapshot()
        waits = details.waits_for(order)
        self.server.tale.append(f"{self.server.now:%m-%d %H:%M:%S} left alone, it waits for {waits.phrase}")
        if not waits:
            raise Violation("the order is stuck, and nobody is asked")
        for payment in order.payments:
            refund = {
                "refund_id": f"back-{payment.payment_id}",
                "amount": str(payment.amount),
                "event_id": f"b{number}",
            }
            self._signal(Event("signal", "refund_recorded", refund, 0))
        cancel = {"requested_by": "staff", "reason": "客户要求", "event_id": f"end-{number}"}
        self._signal(Event("signal", "cancel_requested", cancel, 0))

    def _replay_all(self) -> None:
        for run in self._runs():
            if run.activations:
                run.rebuild()

    def _runs(self) -> list[Run]:
        return [*self.server.past, *(run for run in self.server.runs.values() if not run.is_closed)]

    def _happen(self, event: Event) -> None:
        self.server.tale.append(f"{self.server.now:%m-%d %H:%M:%S} >>> {event}")
        match event.kind:
            case "signal":
                event = self._priced(event)
                self._signal(event)
                if self.faults.happens("signal sent twice"):
                    self._signal(event)
                if self.sent and self.faults.happens("signal sent again later"):
                    self._signal(self.faults.random.choice(self.sent))
                self.sent.append(event)
            case "update":
                self._update(event)
            case "staff":
                self._staff(event)
            case "cancel":
                self.server.cancel(ORDER if event.name == "order" else DISPATCH)
            case "designer":
                self._designer(event.name)
            case "dispatch":
                self.server.signal(DISPATCH, event.name, event.payload)
            case "find":
                self._find(event)

    def _signal(self, event: Event) -> None:
        if self.server.signal(ORDER, event.name, event.payload):
            self.deeds.books.note(event.name, event.payload)
        else:
            payload = event.payload if isinstance(event.payload, dict) else {"payload": event.payload}
            self.deeds.late += self.server.keep_late(ORDER_ID, event.name, payload)

    def _priced(self, event: Event) -> Event:
        """Put the amount of the quote into a payment."""
        if not isinstance(event.payload, dict) or event.payload.get("amount") != QUOTED:
            return event
        run = self.server.runs[ORDER]
        quote = self.snapshot().quote if run.activations and not run.is_closed else None
        return replace(event, payload={**event.payload, "amount": str(quote.minimum if quote else 18)})

    def _update(self, event: Event) -> None:
        update_id = f"update-{len(self.asked)}"
        if self.server.update(ORDER, event.name, event.payload, update_id):
            self.asked[update_id] = (UPDATES[event.name], event.payload)

    def _staff(self, event: Event) -> None:
        """Act on the newest rows of the order, as the board shows them, or on older ones."""
        versions = sorted({saved.version for saved in self.shop.records.saved})
        if not versions:
            return
        fields = dict(event.payload)
        seen = versions[0] if fields.pop("is_outdated") else versions[-1]
        name = f"act-{len(self.acts)}"
        made = acting.act(Action(event.name), name, seen_version=seen, by=name, **fields)
        self.acts[name] = made, seen < versions[-1]
        self.deeds.tried.append(name)
        self.server.update(ORDER, "act_as_staff", made.model_dump(mode="json"), name)

    def _answered(self, update_id: str, answer: Answer | None) -> None:
        """Hear the answer to an update; None if it was refused."""
        if answer is None:
            return
        if update_id in self.asked:
            self.deeds.books.note(*self.asked[update_id])
            self.deeds.replies += bool(answer.reply)
            return
        made, is_outdated = self.acts[update_id]
        if is_outdated:
            raise Violation(f"{made.by} acted on rows that were outdated")
        if answer.reply:
            raise Violation(f"{made.by} was told what the customer should be told")
        self.deeds.acted.append(made.by)
        for event in made.events:
            self.deeds.books.note(event.signal, event.payload)

    def _designer(self, what: str) -> None:
        designers = self.shop.designers
        for task_id, task in list(designers.tasks.items()) if designers else []:
            assert designers is not None
            if task.status == "assigned" and what == "takes":
                designers.accept(task_id)
            elif task.status in {"assigned", "accepted"} and what == "hands in":
                designers.hand_in(task_id, "https://shop.example/designed.jpg")
            elif task.status in {"assigned", "accepted", "submitted"} and what == "finishes":
                designers.finish(task_id, "https://shop.example/designed.jpg")

    def _find(self, event: Event) -> None:
        find_id = f"FIND_20261122_{len(self.server.runs):06}"
        asked = FindRequest(
            customer_id="customer-1",
            acc_id="shop-1",
            words=event.payload["words"],
            image_url="https://shop.example/1.jpg",
            transfer_if_none=event.payload["transfer"],
        )
        self.server.start("FindImageWorkflow", f"find-{find_id}", asked.model_dump(mode="json"))
