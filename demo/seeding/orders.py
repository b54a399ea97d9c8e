"""Made-up orders of the last month, for the staff board: each lived by the shop's own rules, none in Temporal."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from demo.seeding import words
from demo.seeding.records import Pair
from domain.attempts import rounds
from domain.attempts.work import Examined, MailInput, MailOutcome
from domain.order.messages import SIGNALS
from domain.order.order import Order
from domain.order.picture import Attempt, Choice, Picture, Result
from domain.story import consequences, deadlines, delivering, handling, progress
from domain.story.opening import open_order
from domain.texts.phrase import said
from domain.vocabulary import ids
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Complexity, Look, Operation, StoredPicture

COUNT, DAYS = 160, 30
NAMES = ("王芳", "李雷", "赵敏", "孙悦", "钱进", "周杰", "吴静", "郑爽", "冯远", "陈晨", "韩梅梅", "杨帆")
SHOPS = ("修图小店", "修图小店", "二店")
MODELS = (("gemini", "gemini-3.1-flash-image", 0.28), ("seedream", "doubao-seedream-5-0", 0.2))
OUTCOMES = (Outcome.BUSY, Outcome.TIMED_OUT, Outcome.REFUSED, Outcome.POOR)
Row = dict[str, Any]


@dataclass
class MadeUp:
    """An order, and the calls to models that it took."""

    order: Order
    calls: list[Row] = field(default_factory=list)


def orders(pairs: Sequence[Pair], now: datetime, timezone: str, count: int = COUNT) -> Iterator[MadeUp]:
    """Yield orders, oldest last. The same number always has the same id, customer and fate, at another time."""
    for number in range(count):
        draw = Random(number)  # noqa: S311 - not a secret
        is_new = number < len(TODAY)
        age = timedelta(minutes=draw.randint(5, 25)) if is_new else timedelta(days=DAYS * (number / count) + 0.3)
        fate = TODAY[number] if is_new else draw.choices(PAST, weights=(80, 8, 6, 3, 3))[0]
        yield _Life(number, draw, now - age, timezone, pairs).live(fate)


class _Life:
    """One order as it goes through the rules."""

    def __init__(self, number: int, draw: Random, at: datetime, timezone: str, pairs: Sequence[Pair]) -> None:
        self.draw, self.now, self.calls = draw, at, list[Row]()
        self.pairs = [draw.choice(pairs) for _ in range(draw.choice((1, 1, 1, 2)))]
        noise = uuid5(NAMESPACE_OID, f"darkroom seed order {number}").bytes[:6]
        name = ids.order_id(at.astimezone(ZoneInfo(timezone)), noise)
        note = draw.choice(words.EDITS).format(subject=draw.choice(words.SUBJECTS[self.pairs[0].photo]))
        request = {
            "customer_id": f"tb_{draw.randint(1000, 9999)}", "customer_name": draw.choice(NAMES),
            "acc_id": draw.choice(SHOPS),
            "pictures": [{"image_url": "https://shop.example/photo.jpg", "note": note} for _ in self.pairs],
        }  # fmt: skip
        self.order = open_order(ids.workflow_id(name), request, at)

    def live(self, fate: Callable[["_Life"], None]) -> MadeUp:
        """Let the order live, and return it as it is reported."""
        fate(self)
        self.order.version = max(1, len(self.order.journal))
        return MadeUp(self.order, self.calls)

    def later(self, low: int, high: int) -> None:
        """Let some seconds pass."""
        self.now += timedelta(seconds=self.draw.randint(low, high))

    def send(self, signal: str, **payload: Any) -> None:
        """Let a message arrive."""
        payload["event_id"] = f"seed-{self.order.serial}"
        handling.handle(SIGNALS[signal].model_validate(payload), self.order, self.now)
        consequences.apply_rules(self.order, self.now)

    def examine(self, **analysis: Any) -> None:
        """Look at the pictures; a quote follows, if there can be one."""
        self.later(3, 20)
        for picture, pair in zip(self.order.pictures, self.pairs, strict=True):
            complexity = self.draw.choice((Complexity.SIMPLE, Complexity.NORMAL, Complexity.COMPLEX))
            found = Analysis.model_validate({"complexity": complexity, **analysis})
            picture.operation = picture.operation or self.draw.choice(list(Operation))
            progress.examined(self.order, picture, Examined(original=_file(pair.original), analysis=found), self.now)
        consequences.apply_rules(self.order, self.now)

    def pay(self, share: float = 1.0) -> None:
        """Pay the quote, or a part of it."""
        self.later(30, 900)
        assert self.order.quote
        amount = f"{float(self.order.quote.minimum) * share:.2f}"
        self.send("payment_received", payment_id=f"seed-{self.order.order_id}", amount=amount)

    def make(self) -> None:
        """Make every picture, sometimes with an attempt that failed."""
        for picture, pair in zip(self.order.pictures, self.pairs, strict=True):
            progress.start(self.order, picture, self.now)
            provider, model, cost = self.draw.choices(MODELS, weights=(80, 20))[0]
            if self.draw.random() < 0.2:  # noqa: PLR2004 - a share
                self.call(picture, provider, model, cost, self.draw.choice(OUTCOMES), None)
            score = self.draw.randint(74, 99)
            self.call(picture, provider, model, cost, Outcome.PASSED, score)
            result = Result(file=_file(pair.generated), view_key=pair.generated, preview_key="", score=score)
            made = Attempt(
                number=len(picture.attempts) + 1, round=picture.round, choice=Choice(provider=provider, model=model),
                provider=provider, model=model, outcome=Outcome.PASSED, look=Look(score=score, issue=""),
                result=result,
            )  # fmt: skip
            picture.attempts.append(made)
            progress.show(self.order, picture, rounds.best_attempt(picture), self.now)
            consequences.apply_rules(self.order, self.now)

    def call(
        self, picture: Picture, provider: str, model: str, cost: float, outcome: Outcome, score: int | None
    ) -> None:
        """Call a model."""
        began = self.now
        self.later(6, 40)
        self.calls.append({
            "task_id": f"{picture.task_id}-seed-{len(self.calls) + 1}", "image_task_id": picture.task_id,
            "order_id": self.order.order_id, "attempt": len(self.calls) + 1, "provider": provider, "model": model,
            "input_image_id": picture.original.key if picture.original else "", "prompt": picture.words, "size": "",
            "status": "completed" if score else "failed", "outcome": outcome, "created_at": began,
            "completed_at": self.now, "latency_ms": int((self.now - began) / timedelta(milliseconds=1)),
            "booked_cost": cost if score else 0, "cost": cost if score else 0, "cost_currency": "CNY",
            "file": self.pairs[0].generated if score else None, "score": score,
        })  # fmt: skip

    def mail(self) -> None:
        """The customer is content, and gets the files."""
        self.later(60, 7200)
        self.send("email_provided", email=f"{self.order.customer_id}@example.com")
        letter = MailInput(
            order_id=self.order.order_id, delivery=1, to=self.order.email or "", customer_name=self.order.customer_name,
            files=delivering.files(self.order),
        )  # fmt: skip
        self.later(2, 9)
        delivering.mail_finished(
            self.order, letter, MailOutcome(status="sent", message_id="<seed@example.com>"), self.now
        )
        consequences.apply_rules(self.order, self.now)


def _file(key: str) -> StoredPicture:
    return StoredPicture(key=key, content_type="image/jpeg", width=900, height=1200, file_size=180_000, sha256="")


def _shown(life: _Life) -> None:
    life.examine()
    life.pay()
    life.make()


def _completed(life: _Life) -> None:
    _shown(life)
    life.mail()


def _expired(life: _Life) -> None:
    life.examine()
    while life.order.ended is None and (due := deadlines.next_deadline(life.order)):
        life.now = due[0]
        deadlines.expire_due(life.order, life.now)
        consequences.apply_rules(life.order, life.now)


def _refunded(life: _Life) -> None:
    _refund_due(life)
    life.later(600, 7200)
    life.send("refund_recorded", refund_id="seed", reason="客户不要了")


def _refund_due(life: _Life) -> None:
    life.examine()
    life.pay()
    life.send("cancel_requested", requested_by="staff", reason="客户不要了")


def _quoted(life: _Life) -> None:
    life.examine()


def _held(life: _Life) -> None:
    life.examine()
    life.pay(0.4)


def _risky(life: _Life) -> None:
    life.examine(risk="high")


def _complaint(life: _Life) -> None:
    _shown(life)
    life.later(60, 300)
    life.send("customer_message", text="我要投诉,颜色完全不对")


def _failed(life: _Life) -> None:
    life.examine()
    life.pay()
    for picture in life.order.live:
        progress.start(life.order, picture, life.now)
        provider, model, cost = MODELS[0]
        life.call(picture, provider, model, cost, Outcome.REFUSED, None)
        lost = Attempt(number=1, round=picture.round, error=said("outcome.refused"), error_type="ModelRefused")
        progress.fail(life.order, picture, lost, life.now)
    consequences.apply_rules(life.order, life.now)


TODAY = (_held, _risky, _complaint, _failed, _refund_due, _shown, _quoted, _quoted, _shown, _completed, _completed)
PAST = (_completed, _expired, _refunded, _shown, _refund_due)
