"""What each command sends, and what it prints of the answer; Temporal is faked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from domain.order.messages import Answer, Event
from domain.texts.phrase import Said
from domain.vocabulary.errors import MalformedRequest
from starter import orders
from starter.client import TemporalConnection
from starter.commands.cli_context import CliContext
from starter.commands.events import app
from starter.failures import NoSuchOrder
from tests.fakes import DefaultPhrases

ORDER, TASK_2 = "ORDER_20261122_7K3F9Q", "TASK_20261122_7K3F9Q_2"


@dataclass
class FakeOrders:
    """Orders as the commands see them: what was sent, and what is answered."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    kept: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: Answer | Exception = field(default_factory=Answer)
    state: str = "open"

    async def send(self, _: Any, order_id: str, signal: str, event: Event) -> None:
        if self.state != "open":
            raise NoSuchOrder(f"no open order with the id {order_id}")
        self.sent.append((signal, _facts(event)))

    async def wait_for_answer(self, _: Any, order_id: str, signal: str, event: Event) -> Answer:
        assert (signal, _facts(event)) == self.sent[-1]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def update(self, client: Any, order_id: str, name: str, event: Event) -> Answer:
        await self.send(client, order_id, name, event)
        return await self.wait_for_answer(client, order_id, name, event)

    async def is_closed(self, _: Any, __: str) -> bool:
        return self.state == "closed"

    async def keep(self, _: Any, __: str, signal: str, event: Event) -> None:
        self.kept.append((signal, _facts(event)))


def _facts(event: Event) -> dict[str, Any]:
    assert event.event_id.startswith("cli-")
    return event.model_dump(mode="json", exclude_defaults=True, exclude={"event_id"})


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> FakeOrders:
    fake = FakeOrders()
    for name in ("send", "wait_for_answer", "update", "is_closed", "keep"):
        monkeypatch.setattr(orders, name, getattr(fake, name))
    return fake


class FakeCliContext(CliContext):
    """The context of the commands, without a server behind it."""

    async def connect(self) -> Any:
        return None


async def upload(path: Path, order_id: str, name: str, *, is_finished: bool = False) -> str:
    return f"uploads/{order_id}/{name.partition('-cli-')[0]}{path.suffix}"


def no_library() -> Any:
    raise NotImplementedError


def darkroom(*words: str) -> Result:
    connection = TemporalConnection("nowhere", "default")
    cli = FakeCliContext(lambda: connection, "http://ui", "Asia/Shanghai", upload, DefaultPhrases(), no_library)
    return CliRunner().invoke(app, words, obj=cli)


@pytest.mark.parametrize(
    ("words", "signal", "payload"),
    [
        (("pay", ORDER, "--amount", "18.50"), "payment_received", {"amount": "18.50"}),
        (("quote", ORDER, "25", "--reason", "老客户"), "quote_set", {"amount": "25.00", "reason": "老客户"}),
        (("quote", ORDER, "25", "--by", "李设计"), "quote_set", {"amount": "25.00", "set_by": "李设计"}),
        (("refund", ORDER), "refund_recorded", {}),
        (
            ("refund", ORDER, "--amount", "5", "--refund-id", "R1", "--currency", "CNY"),
            "refund_recorded",
            {"amount": "5.00", "refund_id": "R1", "currency": "CNY"},
        ),
        (("say", ORDER, "可以"), "customer_message", {"text": "可以"}),
        (("email", ORDER, "wang@example.com"), "email_provided", {"email": "wang@example.com"}),
        (
            ("revise", ORDER, "再亮一点", "--picture", "2"),
            "revision_requested",
            {"note": "再亮一点", "task_id": TASK_2},
        ),
        (("consent", ORDER, "no_ai_label"), "consent_recorded", {"kind": "no_ai_label"}),
        (("consent", ORDER, "no_ai_label", "不用标"), "consent_recorded", {"kind": "no_ai_label", "text": "不用标"}),
        (
            ("note", ORDER, "保留水印", "--picture", "2"),
            "add_requirement",
            {"requirement": "保留水印", "task_id": TASK_2, "changed_by": "staff"},
        ),
        (("note", ORDER, "保留水印", "--by", "customer"), "add_requirement", {"requirement": "保留水印"}),
        (
            ("operation", ORDER, "remove_bg", "--reason", "说错了"),
            "change_operation",
            {"operation": "remove_bg", "changed_by": "staff", "reason": "说错了"},
        ),
        (("cancel", ORDER), "request_cancel", {"requested_by": "staff"}),
        (("cancel", ORDER, "--by", "customer", "--reason", "不要了"), "request_cancel", {"reason": "不要了"}),
        (
            ("picture", ORDER, "https://img.example.com/2.jpg", "--operation", "edit", "--note", "换底色"),
            "image_received",
            {"image_url": "https://img.example.com/2.jpg", "operation": "edit", "note": "换底色"},
        ),
        (
            ("result", ORDER, "https://img.example.com/2.psd", "--picture", "2", "--source", "别家AI"),
            "result_submitted",
            {"result_url": "https://img.example.com/2.psd", "task_id": TASK_2, "source": "别家AI"},
        ),
        (("resume", ORDER, "--reason", "没问题"), "processing_resumed", {"reason": "没问题"}),
        (("resume", ORDER, "--picture", "2"), "processing_resumed", {"task_id": TASK_2}),
        (
            ("transfer", ORDER, "--picture", "2", "--reason", "要真人"),
            "transfer_requested",
            {"task_id": TASK_2, "reason": "要真人"},
        ),
        (("resend", ORDER), "resend_requested", {"requested_by": "staff"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_sends_what_was_typed(
    shop: FakeOrders, words: tuple[str, ...], signal: str, payload: Mapping[str, Any]
) -> None:
    assert darkroom(*words).exit_code == 0
    assert shop.sent == [(signal, payload)]


def test_a_file_of_this_machine_is_uploaded_under_a_key_of_its_own(shop: FakeOrders, tmp_path: Path) -> None:
    file = tmp_path / "成品.PNG"
    file.touch()
    assert [darkroom(command, ORDER, str(file)).exit_code for command in ("picture", "result")] == [0, 0]
    assert [payload for _, payload in shop.sent] == [
        {"image_key": f"uploads/{ORDER}/picture.PNG"},
        {"result_key": f"uploads/{ORDER}/result.PNG"},
    ]


def test_an_update_tells_what_was_done_and_what_the_customer_is_to_hear(shop: FakeOrders) -> None:
    shop.answer = Answer(reply=[Said(phrase="cancelled")])
    ran = darkroom("cancel", ORDER)
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        f"{ORDER} is cancelled",
        "Tell the customer: 好的,已经帮您取消这单了 (cancelled)",
    ]


def test_a_refusal_is_told_in_the_shops_words_with_the_key_of_the_phrase(shop: FakeOrders) -> None:
    shop.answer = Answer(accepted=False, reason=Said(phrase="which_picture", values={"count": "2"}))
    ran = darkroom("note", ORDER, "保留水印")
    assert ran.exit_code == 1
    assert ran.stderr == "refused: 一共2张图,您说的是第几张呀? (which_picture)\n"
    assert ran.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("transfer", ORDER),
        ("result", ORDER, "https://img.example.com/2.jpg"),
        ("revise", ORDER, "再亮一点"),
        ("resend", ORDER),
        ("resume", ORDER),
        ("quote", ORDER, "20"),
        ("say", ORDER, "再亮一点"),
    ],
    ids=lambda words: words[0],
)
def test_a_signal_that_is_refused_ends_the_command_with_1(shop: FakeOrders, words: tuple[str, ...]) -> None:
    shop.answer = Answer(accepted=False, reason=Said(phrase="which_picture", values={"count": "2"}))
    ran = darkroom(*words)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == "refused: 一共2张图,您说的是第几张呀? (which_picture)\n"


def test_what_no_worker_has_heard_yet_is_told_and_not_lost(shop: FakeOrders) -> None:
    shop.answer = TimeoutError("no answer in time")
    ran = darkroom("pay", ORDER, "--amount", "15")
    assert (ran.exit_code, ran.stdout) == (4, "")
    assert "sent, but not processed yet: is a worker running?" in ran.stderr
    assert [signal for signal, _ in shop.sent] == ["payment_received"]


def test_what_became_of_a_signal_is_said_in_the_past_tense(shop: FakeOrders) -> None:
    assert darkroom("pay", ORDER).stdout == f"Payment recorded for {ORDER}. Check: darkroom order show {ORDER}\n"


def test_a_refusal_as_json_has_the_same_exit_status(shop: FakeOrders) -> None:
    shop.answer = Answer(accepted=False, reason=Said(phrase="cancel_too_late"))
    ran = darkroom("cancel", ORDER, "--json")
    assert ran.exit_code == 1
    assert Answer.model_validate(json.loads(ran.stdout)) == shop.answer


def test_what_no_order_can_read_is_wrong_usage(shop: FakeOrders) -> None:
    shop.answer = MalformedRequest("add_requirement: requirement: too short")
    ran = darkroom("note", ORDER, "x")
    assert (ran.exit_code, "requirement: too short" in ran.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "signal"), [(("say", ORDER, "还能改吗"), "customer_message"), (("cancel", ORDER), "cancel_requested")]
)
def test_an_event_for_a_closed_order_is_kept_for_staff(shop: FakeOrders, words: tuple[str, ...], signal: str) -> None:
    shop.state = "closed"
    ran = darkroom(*words)
    assert ran.exit_code == 0
    assert ran.stderr == f"{ORDER} has closed: the event was recorded and staff are notified\n"
    assert [kept for kept, _ in shop.kept] == [signal]


def test_a_program_hears_that_an_event_was_kept(shop: FakeOrders) -> None:
    shop.state = "closed"
    assert json.loads(darkroom("cancel", ORDER, "--json").stdout) == {"kept": True}


@pytest.mark.parametrize("words", [("say", ORDER, "在吗"), ("cancel", ORDER)])
def test_an_event_for_an_order_that_nobody_knows_is_a_typo_and_not_kept(
    shop: FakeOrders, words: tuple[str, ...]
) -> None:
    shop.state = "unknown"
    ran = darkroom(*words)
    assert (ran.exit_code, shop.kept) == (3, [])
    assert f"no open order with the id {ORDER}" in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("say", "7K3F9Q", "在吗"),
        ("quote", ORDER, "18,5"),
        ("refund", ORDER, "--amount", "十元"),
        ("operation", ORDER, "paint"),
        ("note", ORDER, "保留水印", "--by", "bot"),
        ("result", ORDER, "nowhere.png"),
        ("revise", ORDER, "再亮一点", "--picture", "0"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage_and_sends_nothing(shop: FakeOrders, words: tuple[str, ...]) -> None:
    assert darkroom(*words).exit_code == 2
    assert shop.sent == []
