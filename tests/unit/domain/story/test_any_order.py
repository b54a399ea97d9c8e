"""Whatever is sent, and whenever work ends: no exception, no illegal move, nothing lost, nothing delivered twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.attempts import rounds
from domain.attempts.prompting import prompt
from domain.attempts.rounds import NextStep
from domain.attempts.work import Examined
from domain.order.inbox import Inbox, Unreadable, read
from domain.order.journal import Lines
from domain.order.messages import SIGNALS, UPDATES
from domain.order.order import Order
from domain.order.picture import Picture
from domain.story import consequences, deadlines, delivering, hearing, progress
from domain.story.details import markdown
from domain.texts.phrase import said
from domain.vocabulary.pictures import Analysis, Complexity, Feasibility, Look, Risk, RiskLevel, TextAmount
from domain.vocabulary.status import Status
from domain.vocabulary.trail import JournalEntry
from tests.anything import PAYLOADS, WORDS, Books
from tests.unit.domain.making import (
    LINEUP,
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

BEGINNINGS: list[Callable[..., Order]] = [new_order, shown_order, accepted_order]


class AnyOrder(RuleBasedStateMachine):
    """The order as its workflow lives it, with messages, the ends of work and time in any sequence."""

    order: Order
    books: Books

    def __init__(self) -> None:
        super().__init__()
        self.inbox = Inbox()
        self.now = NOW
        self.told: dict[int, JournalEntry] = {}
        self.lines = Lines()

    @initialize(
        begun=st.sampled_from(BEGINNINGS),
        pictures=st.integers(0, 3),
        email=st.sampled_from([None, "wang@example.com", "oops"]),
        known_email=st.sampled_from([None, "old@example.com"]),
    )
    def begin(self, begun: Callable[..., Order], pictures: int, email: str | None, known_email: str | None) -> None:
        self.order = begun(pictures, email=email)
        self.order.known_email = known_email
        self.books = Books(self.order)
        self.begun = self.order.serial

    def settle(self) -> None:
        """What the workflow does after anything happened; a flood is told before more is heard."""
        hearing.process_inbox(self.inbox, self.order, NOW)
        while self.inbox:
            self.keep_what_is_told()
            self.the_outside_is_told()
            hearing.process_inbox(self.inbox, self.order, NOW)
        deadlines.expire_due(self.order, self.now)
        consequences.apply_rules(self.order, self.now)

    @rule(signal=st.sampled_from([*SIGNALS, "nonsense"]), payload=PAYLOADS | st.none() | st.text(max_size=5))
    def something_is_sent(self, signal: str, payload: object) -> None:
        self.books.note(signal, payload)
        self.inbox.put(signal, payload, (), self.now)
        self.settle()

    @rule(signal=st.sampled_from(sorted(set(UPDATES.values()))), payload=PAYLOADS)
    def something_is_asked(self, signal: str, payload: dict[str, object]) -> None:
        if isinstance(read(signal, payload), Unreadable):
            return  # its validator refuses it
        self.books.note(signal, payload)
        self.inbox.put(signal, payload, (), self.now, is_update=True)
        self.settle()

    @rule(text=WORDS)
    def the_customer_says(self, text: str) -> None:
        self.something_is_sent("customer_message", {"text": text})

    @precondition(lambda self: not self.order.paid_at)
    @rule()
    def the_customer_pays(self) -> None:
        self.something_is_sent("payment_received", {"payment_id": "p9", "amount": "54"})

    @rule(hours=st.sampled_from([0.4, 2, 24, 80, 400]))
    def time_passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        self.settle()

    @precondition(lambda self: self.unexamined)
    @rule(
        data=st.data(),
        refused=st.sampled_from(["", "", "cut off"]),
        text=st.sampled_from(TextAmount),
        risk=st.sampled_from(RiskLevel),
        possible=st.sampled_from([True, True, False]),
    )
    def a_first_look_ends(
        self, data: st.DataObject, refused: str, text: TextAmount, risk: RiskLevel, possible: bool
    ) -> None:
        picture = data.draw(st.sampled_from(self.unexamined))
        analysis = Analysis(
            complexity=Complexity.NORMAL,
            text_amount=text,
            risk=Risk(level=risk),
            feasible=Feasibility(possible=possible),
        )
        found = Examined(refused=refused) if refused else Examined(original=stored("o.png"), analysis=analysis)
        progress.examined(self.order, picture, found, self.now)
        self.settle()

    @precondition(lambda self: self.at_work)
    @rule(
        data=st.data(),
        score=st.sampled_from([None, 10, 90]),
        error=st.sampled_from(["", "ModelAnswerUnusable", "ProcessingSwitchedOff"]),
        step=st.sampled_from(["repair_prompt", "designer"]),
    )
    def an_attempt_ends(self, data: st.DataObject, score: int | None, error: str, step: str) -> None:
        order, picture = self.order, data.draw(st.sampled_from(self.at_work))
        progress.start(order, picture, self.now)
        assert prompt(picture)
        made = attempt(picture, score, error or ("Timeout" if score is None else ""))
        if made.look:
            made.look = Look(score=made.look.score, next_step=step)
        progress.attempted(order, picture, made, self.now)
        match rounds.next_step(picture, RULES, LINEUP):
            case NextStep.SHOW:
                progress.show(order, picture, rounds.best_attempt(picture), self.now)
            case NextStep.GIVE_UP:
                progress.fail(order, picture, made, self.now)
            case NextStep.DESIGNER:
                progress.send_to_designer(order, picture, said("reason.quality_check"), self.now)
            case NextStep.STOP:
                progress.stop(order, picture, progress.SWITCHED_OFF, self.now)
        self.settle()
        assert picture.status is not Status.COMPLETED, "nobody has looked at it yet"

    @precondition(lambda self: self.submitted)
    @rule(data=st.data(), is_usable=st.booleans())
    def a_result_of_others_is_fetched(self, data: st.DataObject, is_usable: bool) -> None:
        picture = data.draw(st.sampled_from(self.submitted))
        assert picture.submission is not None
        made = attempt(picture, 90 if is_usable else None, "" if is_usable else "PictureUnreadable")
        progress.adopted(self.order, picture, picture.submission, made, self.now)
        self.settle()

    @precondition(lambda self: delivering.is_deliverable(self.order))
    @rule(meanwhile=st.sampled_from(["", "第一张重做,太暗", "li@example.com"]), refused=st.booleans())
    def a_letter_goes_out(self, meanwhile: str, refused: bool) -> None:
        letter = letter_of(self.order)
        assert letter.files
        self.the_customer_says(meanwhile)
        post(self.order, letter, refused=refused)
        self.books.letters += not refused
        self.settle()

    @precondition(lambda self: self.order.status is Status.COMPLETED)
    @rule(number=st.integers(1, 3))
    def a_delivered_picture_is_to_be_reworked(self, number: int) -> None:
        payload = {"note": "太暗", "task_id": f"TASK_20261122_7K3F9Q_{number}"}
        self.something_is_sent("revision_requested", payload)

    @rule()
    def the_outside_is_told(self) -> None:
        order = self.order
        serials = {entry.serial for entry in order.journal} | {message.serial for message in order.outbox}
        serials |= {change.serial for change in order.changes} | {notice.serial for notice in order.notices}
        serials |= self.answered
        assert serials >= set(range(self.order.reported + 1, self.order.serial + 1)), "news was dropped untold"
        self.order.mark_told(self.order.serial)
        self.order.notices.clear()

    @property
    def answered(self) -> set[int]:
        """The serials of messages that went back in an answer."""
        told = {entry.serial - 1 for entry in self.order.journal if entry.what in {"told", "staff_told"}}
        return told | {entry.serial - 1 for entry in self.order.journal if entry.what.startswith("change")}

    @property
    def unexamined(self) -> list[Picture]:
        return [picture for picture in self.order.live if not picture.is_examined]

    @property
    def at_work(self) -> list[Picture]:
        return [picture for picture in self.order.live if picture.is_examined and self.is_workable(picture)]

    def is_workable(self, picture: Picture) -> bool:
        return progress.is_workable(self.order, picture) and not picture.submission

    @property
    def submitted(self) -> list[Picture]:
        return [picture for picture in self.order.live if picture.submission]

    def keep_what_is_told(self) -> None:
        self.told |= {entry.serial: entry for entry in self.order.journal}

    @invariant()
    def nothing_that_was_sent_is_lost(self) -> None:
        self.keep_what_is_told()
        bugs = [entry.facts for entry in self.told.values() if entry.what == "unexpected_error"]
        assert not bugs, bugs
        said = [entry.facts["text"] for entry in self.told.values() if entry.what == "customer_said"]
        assert Counter(said) >= Counter(self.books.said)
        self.books.agree_with(self.order)

    @invariant()
    def the_order_is_of_one_piece(self) -> None:
        order = self.order
        assert Order.model_validate_json(order.model_dump_json()) == order
        assert markdown(order, self.lines) == markdown(order)
        for picture in order.pictures:
            assert not (picture.status is Status.PENDING and order.paid_at)
            assert (picture.result is not None) or picture.status not in {Status.AWAITING_CONFIRM, Status.COMPLETED}
        if order.status is Status.COMPLETED:
            assert order.completed_at
            assert order.resend or not delivering.is_deliverable(order)
        if deadline := deadlines.next_deadline(order):
            assert deadline[0] > self.now, "what is due has lapsed"


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes; the blob reproduces what failed
)
