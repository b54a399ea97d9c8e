"""Orders in the states that tests begin with, and short names for what happens to them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.attempts import rounds
from domain.attempts.work import DeliveredFile, Examined, MailInput, MailOutcome
from domain.designers import transfers
from domain.order.lineup import Lineup, Offer
from domain.order.messages import SIGNALS, Answer
from domain.order.order import Order
from domain.order.picture import Attempt, Choice, Picture, Result
from domain.story import consequences, deadlines, delivering, handling, progress
from domain.story.opening import open_order
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import Said
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Complexity, Look, StoredPicture
from domain.vocabulary.rules import ShopRules
from domain.vocabulary.status import Status

ORDER_ID = "ORDER_20261122_7K3F9Q"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
RULES = ShopRules()
LINEUP = Lineup(offers=[Offer(provider="gemini", model="gemini-image")])
OUTCOMES = {
    "ModelRefused": Outcome.REFUSED,
    "ModelAnswerUnusable": Outcome.NO_PICTURE,
    "ModelNotSetUp": Outcome.NOT_SET_UP,
}


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def stored(key: str) -> StoredPicture:
    return StoredPicture(key=key, content_type="image/png", width=64, height=48, file_size=9, sha256="0" * 64)


def new_order(pictures: int = 1, **facts: Any) -> Order:
    """An order whose pictures are not looked at yet."""
    wanted = [{"image_url": f"https://shop.example/{number}.jpg"} for number in range(1, pictures + 1)]
    return open_order(f"order-{ORDER_ID}", {"customer_id": "c1", "pictures": wanted, **facts}, NOW)


def quoted_order(pictures: int = 1, **facts: Any) -> Order:
    """An order that was looked at and quoted 15-20 a picture."""
    order = new_order(pictures, **facts)
    for picture in order.live:
        examine(order, picture)
    consequences.apply_rules(order, NOW)
    return order


def working_order(pictures: int = 1, **facts: Any) -> Order:
    """A paid order whose pictures are being made."""
    order = quoted_order(pictures, **facts)
    send(order, "payment_received", payment_id="p1", amount=f"{18 * max(pictures, 1)}.00")
    for picture in order.live:
        progress.start(order, picture, NOW)
    return order


def failed_order() -> Order:
    """An order whose picture neither the machine nor designers could make."""
    order = working_order()
    give_up(order, order.live[0], "refused for safety")
    designers_say(order, "given_up")
    return order


def designers_say(order: Order, standing: str, **facts: str) -> None:
    """Let the dispatch of an order's first picture speak."""
    picture = order.live[0]
    about = {"task_id": picture.task_id, "dispatch_id": transfers.dispatch_id(picture), "standing": standing}
    send(order, "dispatch_changed", NOW, **about, **facts)


def shown_order(pictures: int = 1, **facts: Any) -> Order:
    """An order whose previews are before the customer."""
    order = working_order(pictures, **facts)
    for picture in order.live:
        make(order, picture)
    return order


def accepted_order(pictures: int = 1, email: str | None = None) -> Order:
    """An order that is ready for its letter."""
    order = shown_order(pictures, email=email)
    customer_says(order, "wang@example.com")
    return order


def examine(order: Order, picture: Picture, **analysis: Any) -> None:
    found = Analysis(**{"complexity": Complexity.NORMAL, **analysis})
    progress.examined(order, picture, Examined(original=stored("original.png"), analysis=found), NOW)


def attempt(picture: Picture, score: int | None = 90, error_type: str = "", issue: str = "") -> Attempt:
    """Add an attempt to a picture: scored, unscored for an error, or without any result."""
    number = len(picture.attempts) + 1
    passed = Outcome.POOR if score is not None and score < RULES.quality_threshold else Outcome.PASSED
    outcome = OUTCOMES.get(error_type, None if error_type else passed)
    made = Attempt(
        number=number,
        round=picture.round,
        choice=Choice(provider="gemini", model="gemini-image"),
        provider="gemini",
        model="gemini-image",
        outcome=outcome,
        error_type=error_type,
        error=error_type,
    )
    if score is not None:
        key = f"{picture.task_id}/attempt-{number}"
        made.result = Result(file=stored(f"{key}.png"), view_key=f"{key}.png", preview_key=f"{key}-preview.jpg")
        made.look = Look(score=score, issue=issue)
    picture.attempts.append(made)
    return made


def give_up(order: Order, picture: Picture, reason: str = "refused for safety") -> None:
    """Let the last attempt at a picture fail for good."""
    progress.fail(order, picture, Attempt(number=1, round=picture.round, error=reason), NOW)


def make(order: Order, picture: Picture, score: int = 90) -> None:
    attempt(picture, score)
    progress.show(order, picture, rounds.best_attempt(picture), NOW)
    consequences.apply_rules(order, NOW)


def send(order: Order, signal: str, now: datetime = NOW, **payload: Any) -> Answer | None:
    """Let a message change an order, and what follows follow."""
    payload.setdefault("event_id", f"e{order.serial}")
    answer = handling.handle(SIGNALS[signal].model_validate(payload), order, now)
    consequences.apply_rules(order, now)
    return answer


def pass_time(order: Order, until: datetime) -> None:
    """Let every deadline lapse that comes until then, each at its time."""
    while (deadline := deadlines.next_deadline(order)) and deadline[0] <= until:
        deadlines.expire_due(order, deadline[0])
        consequences.apply_rules(order, deadline[0])


def customer_says(order: Order, text: str) -> None:
    send(order, "customer_message", text=text)


def letter_of(order: Order) -> MailInput:
    files: list[DeliveredFile] = delivering.files(order)
    return MailInput(
        order_id=order.order_id,
        delivery=order.deliveries + 1,
        to=order.email or "",
        customer_name=order.customer_name,
        files=files,
    )


def post(order: Order, letter: MailInput | None = None, *, refused: bool = False) -> None:
    """Let the mail server answer a letter."""
    outcome = MailOutcome(status="refused" if refused else "sent", message_id="<1@darkroom.example>")
    delivering.mail_finished(order, letter or letter_of(order), outcome, NOW)


def phrases(order: Order) -> list[str]:
    """What the customer is told, by the keys of the phrases."""
    return [message.phrase or message.kind for message in order.outbox]


def told(order: Order) -> list[str]:
    """What staff are told, by the keys of the phrases."""
    return [notice.phrase.removeprefix("staff_") for notice in order.notices]


def happened(order: Order) -> list[str]:
    return [entry.what for entry in order.journal]


def statuses(order: Order) -> list[Status]:
    return [picture.status for picture in order.pictures]


def money(amount: str) -> Decimal:
    return Decimal(amount)


def en(told: object) -> str:
    """What is said, in English; an empty phrase is no words."""
    return TEXTS["en"].say(told if isinstance(told, Said) else Said.model_validate(told))
