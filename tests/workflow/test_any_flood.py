"""Random floods of well-formed messages, each as long as it may be: nothing an order hands on passes its ceiling."""

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.attempts import rounds
from domain.attempts.prompting import prompt
from domain.attempts.work import Examined
from domain.bounds import budgets
from domain.bounds.limits import LONGEST_WORDS, MOST_PICTURES
from domain.designers import transfers
from domain.order import capacity, unsent
from domain.order.inbox import Inbox
from domain.order.order import Order
from domain.order.picture import Picture, Result
from domain.story import consequences, hearing, progress
from domain.story.opening import Carried, open_order
from domain.vocabulary import ids
from domain.vocabulary.pictures import Analysis, StoredPicture
from domain.vocabulary.status import AT_WORK
from tests.unit.domain.making import NOW, ORDER_ID, attempt

LETTERS = ["字", "😀", '"', "x", "\n", "白底"]
TEXTS = st.builds(
    lambda letter, length: (letter * length)[:length],
    st.sampled_from(LETTERS),
    st.sampled_from([1, 24, 150, 700, LONGEST_WORDS]),
)
FIELDS = ("text", "requirement", "note", "notes", "reason", "prompt", "subject", "quality")
LONG = "x" * 255
SIGNALS = [
    "customer_message", "requirement_added", "operation_changed", "analysis_received", "image_received", "quote_set",
    "consent_recorded", "transfer_requested", "result_submitted", "revision_requested", "refund_recorded",
    "resend_requested", "email_provided",
]  # fmt: skip
FLOODS = st.lists(
    st.tuples(st.sampled_from(SIGNALS), TEXTS, st.integers(1, MOST_PICTURES), st.integers(1, 40)), max_size=10
)


def stored(order: Order, picture: Picture, name: str) -> StoredPicture:
    key = f"{ids.folder(order.owner or order.customer_id, picture.task_id)}/{name}.png"
    return StoredPicture(
        key=key, content_type="image/png", width=9999, height=9999, file_size=10**8, sha256="f" * 64, likeness="f" * 16
    )


class Life:
    """An order as its workflow lives it, measured after every step."""

    def __init__(self, pictures: int) -> None:
        wanted = [{"image_url": f"https://shop.example/{n}.jpg?{'s' * 200}"} for n in range(pictures)]
        request = {"customer_id": LONG, "owner": "客" * 255, "customer_name": LONG, "acc_id": LONG, "pictures": wanted}
        self.order, self.inbox, self.sent, self.said = open_order(f"order-{ORDER_ID}", request, NOW), Inbox(), 0, 0

    def send(self, signal: str, **payload: Any) -> None:
        self.sent += 1
        event = {"event_id": f"{self.sent}-{LONG}"[:255]}
        self.inbox.put(signal, payload | event, (), NOW)

    def settle(self) -> None:
        while True:
            hearing.process_inbox(self.inbox, self.order, NOW)
            consequences.apply_rules(self.order, NOW)
            capacity.shrink(self.order)
            self.order.outbox = unsent.merge_messages(self.order.outbox)
            self.order.notices = unsent.merge_notices(self.order.notices)[:10]
            self.measure()
            if not self.order.has_unreported:
                return
            news = self.order.next_report()
            assert budgets.size(news) <= budgets.PAYLOAD
            self.said += sum(line.what == "customer_said" for line in news.journal)
            self.order.mark_told(news.serial)

    def measure(self) -> None:
        assert (
            budgets.size(Carried(order=self.order, inbox=Inbox(seen=self.inbox.seen, said=self.inbox.said)))
            <= budgets.STATE
        )
        for picture in self.order.pictures:
            assert budgets.size(prompt(picture)) <= budgets.PAYLOAD - budgets.REPORT_ALONG
            if picture.dispatch:
                assert budgets.size(transfers.request(self.order, picture)) <= budgets.PAYLOAD

    def examine(self, text: str) -> None:
        for picture in [one for one in self.order.live if not one.is_examined]:
            analysis = Analysis(prompt=text, subject=text, quality=text, proc_type=text, perspective=text)
            found = Examined(original=stored(self.order, picture, "original"), analysis=analysis)
            progress.examined(self.order, picture, found, NOW)
            self.settle()

    def make(self, text: str) -> None:
        for picture in self.at_work():
            progress.start(self.order, picture, NOW)
            for score in (10, 20, 90):
                made = attempt(picture, score, issue=text[:200])
                file = stored(self.order, picture, f"attempt-{made.number}-generated")
                made.number = picture.attempt_count
                made.result = Result(file=file, view_key=file.key, preview_key=file.key, score=score)
                progress.attempted(self.order, picture, made, NOW)
                self.measure()
            progress.show(self.order, picture, rounds.best_attempt(picture), NOW)
            self.settle()

    def at_work(self) -> Iterator[Picture]:
        return (one for one in self.order.with_status(*AT_WORK) if progress.is_workable(self.order, one))


@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(pictures=st.integers(1, MOST_PICTURES), seen=TEXTS, before=FLOODS, after=FLOODS, later=FLOODS)
def test_no_flood_passes_a_ceiling(pictures: int, seen: str, before: Any, after: Any, later: Any) -> None:
    life = Life(pictures)
    for stage, flood in enumerate((before, after, later)):
        for signal, text, number, times in flood:
            if signal == "refund_recorded" and stage:
                continue  # money that goes back stops the order, as it should
            for _ in range(times):
                facts = dict.fromkeys(FIELDS, text) | {"task_id": ids.task_id(ORDER_ID, number), "email": "a@b.example"}
                facts |= {
                    "operation": "edit",
                    "amount": "30",
                    "kind": text[:200] or "x",
                    "image_url": "https://a.example/1",
                }
                facts |= {"changed_by": "staff", "result_url": f"https://a.example/{text[:9]}", "requested_by": "staff"}
                life.send(signal, **facts)
            life.settle()
            life.examine(seen)
        if not stage:
            life.send("payment_received", payment_id=LONG, amount="9000")
            life.send("processing_resumed", requested_by="staff")
        life.settle()
        life.make(seen)
    assert life.order.payments
