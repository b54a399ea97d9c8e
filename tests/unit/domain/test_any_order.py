"""Whatever is sent, and whenever work ends: no exception, no illegal move, nothing lost, nothing delivered twice."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import handling, progress, rounds
from domain.details import markdown
from domain.inbox import Inbox
from domain.messages import SIGNALS, Examined
from domain.order import Order, Picture, Status
from domain.pictures import Analysis, Complexity, TextAmount
from domain.prompting import prompt
from domain.rounds import NextStep
from tests.unit.domain.making import (
    NOW,
    RULES,
    accepted_order,
    attempt,
    letter_of,
    new_order,
    post,
    shown_order,
    stored,
)

WORDS = st.sampled_from(
    [
        "可以", "不行", "重做,太暗", "第二张不对,太黄", "第一张可以", "2", "第九张不行", "嗯", "脸再亮一点", "好了吗",
        "wang@example.com", "不行,发li@example.com", "123@qq", "邮箱改一下 li@example.com", "", "随便\x00",
    ]
)  # fmt: skip
TASKS = st.sampled_from([None, *(f"TASK_20261122_7K3F9Q_{number}" for number in range(1, 5))])
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "event_id": st.sampled_from(["e1", "e2", "e3"]),
        "text": WORDS,
        "note": WORDS,
        "email": WORDS,
        "task_id": TASKS,
        "image_url": st.sampled_from(["https://shop.example/1.jpg", "https://shop.example/2.jpg"]),
        "payment_id": st.sampled_from(["p1", "p2"]),
        "amount": st.sampled_from(["18", "1", "1000", "-1", None]),
        "currency": st.sampled_from(["CNY", "USD"]),
        "complexity": st.sampled_from(["simple", "hard", "odd"]),
    },
)


BEGINNINGS: list[Callable[..., Order]] = [new_order, shown_order, accepted_order]


class AnyOrder(RuleBasedStateMachine):
    """The order as its workflow lives it, with messages and the ends of work in any sequence."""

    order: Order

    def __init__(self) -> None:
        super().__init__()
        self.inbox = Inbox()

    @initialize(
        begun=st.sampled_from(BEGINNINGS),
        pictures=st.integers(0, 3),
        email=st.sampled_from([None, "wang@example.com", "oops"]),
    )
    def begin(self, begun: Callable[..., Order], pictures: int, email: str | None) -> None:
        self.order = begun(pictures, email=email)

    @rule(signal=st.sampled_from([*SIGNALS, "nonsense"]), payload=PAYLOADS | st.none() | st.text(max_size=5))
    def something_is_sent(self, signal: str, payload: object) -> None:
        self.inbox.put(signal, payload, (), NOW)
        while taken := self.inbox.take():
            handling.handle(taken[0], self.order, taken[1])
        if all(picture.is_examined for picture in self.order.live):
            progress.quote(self.order, NOW)

    @rule(text=WORDS)
    def the_customer_says(self, text: str) -> None:
        self.something_is_sent("customer_message", {"text": text})

    @precondition(lambda self: not self.order.paid_at)
    @rule()
    def the_customer_pays(self) -> None:
        self.something_is_sent("payment_received", {"amount": "18"})

    @precondition(lambda self: self.unexamined)
    @rule(data=st.data(), refused=st.sampled_from(["", "", "cut off"]), text=st.sampled_from(TextAmount))
    def a_first_look_ends(self, data: st.DataObject, refused: str, text: TextAmount) -> None:
        picture = data.draw(st.sampled_from(self.unexamined))
        analysis = Analysis(complexity=Complexity.NORMAL, text_amount=text)
        found = Examined(refused=refused) if refused else Examined(original=stored("o.png"), analysis=analysis)
        progress.examined(self.order, picture, found, NOW)

    @precondition(lambda self: self.at_work)
    @rule(data=st.data(), score=st.sampled_from([None, 10, 90]), error=st.sampled_from(["", "ModelAnswerUnusable"]))
    def an_attempt_ends(self, data: st.DataObject, score: int | None, error: str) -> None:
        picture = data.draw(st.sampled_from(self.at_work))
        progress.start(self.order, picture, NOW)
        assert prompt(picture)
        progress.attempted(self.order, picture, attempt(picture, score, error), NOW)
        match rounds.after(picture, RULES):
            case NextStep.SHOW:
                progress.show(self.order, picture, rounds.best(picture), NOW)
            case NextStep.GIVE_UP:
                progress.fail(self.order, picture, error, NOW)

    @precondition(lambda self: progress.is_deliverable(self.order))
    @rule(meanwhile=st.sampled_from(["", "第一张重做,太暗", "li@example.com"]), refused=st.booleans())
    def a_letter_goes_out(self, meanwhile: str, refused: bool) -> None:
        letter = letter_of(self.order)
        self.the_customer_says(meanwhile)
        post(self.order, letter, refused=refused)

    @precondition(lambda self: self.order.status is Status.COMPLETED)
    @rule(number=st.integers(1, 3))
    def a_delivered_picture_is_to_be_reworked(self, number: int) -> None:
        payload = {"note": "太暗", "task_id": f"TASK_20261122_7K3F9Q_{number}"}
        self.something_is_sent("revision_requested", payload)

    @rule()
    def the_outside_is_told(self) -> None:
        lines = {entry.serial for entry in self.order.journal} | {message.serial for message in self.order.outbox}
        assert lines >= set(range(self.order.reported + 1, self.order.serial + 1)), "news was dropped untold"
        self.order.told(self.order.serial)

    @property
    def unexamined(self) -> list[Picture]:
        return [picture for picture in self.order.live if not picture.is_examined]

    @property
    def at_work(self) -> list[Picture]:
        return [picture for picture in self.order.with_status(*progress.AT_WORK) if picture.is_examined]

    @invariant()
    def the_order_is_of_one_piece(self) -> None:
        order = self.order
        assert Order.model_validate_json(order.model_dump_json()) == order
        assert markdown(order)
        assert bool(order.payments) == bool(order.paid_at)
        for picture in order.pictures:
            assert not (picture.status is Status.PENDING and order.paid_at)
            assert (picture.result is not None) or picture.status not in {Status.AWAITING_CONFIRM, Status.COMPLETED}
            assert order.deliveries or picture.status is not Status.COMPLETED
        if order.status is Status.COMPLETED:
            assert not progress.is_deliverable(order)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=40, deadline=None, print_blob=True)
