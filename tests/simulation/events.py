"""What customers, the bot, staff, designers and searchers do in a world: a script drawn from the seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.order.messages import SIGNALS, UPDATES
from domain.order.staff_acts import Action

WORDS = (
    "可以", "不行", "重做,太暗", "第二张不对,太黄", "第一张可以", "2", "第九张不行", "嗯", "脸再亮一点", "好了吗",
    "wang@example.com", "对的", "发链接吧", "第一张抠图,第二张变清晰", "不行,发li@example.com", "123@qq",
    "邮箱改一下 li@example.com", "", "随便\x00", "不要了,退款", "可以,发到 wang@example.com",
)  # fmt: skip
FIELDS: dict[str, tuple[Any, ...]] = {
    "event_id": tuple(f"e{number}" for number in range(1, 30)),
    "text": WORDS,
    "note": WORDS,
    "requirement": ("白底", "2K", ""),
    "operation": ("vectorize", "resize", "fly"),
    "changed_by": ("customer", "staff", 7),
    "requested_by": ("customer", "staff"),
    "email": WORDS,
    "task_id": (None, *(f"TASK_20261122_7K3F9Q_{number}" for number in range(1, 5))),
    "image_url": ("https://shop.example/1.jpg", "https://shop.example/2.jpg"),
    "result_url": ("https://shop.example/1.jpg",),
    "payment_id": ("p1", "p2"),
    "refund_id": ("r1", "r2"),
    "amount": ("18", "￥18", "1", "1000", "-1", "25,00", None),
    "currency": ("CNY", "USD"),
    "complexity": ("simple", "hard", "odd"),
    "risk": ("none", "low", "high"),
    "feasible": (True, False),
    "kind": ("terms", ""),
    "key": ("TASK_20261122_7K3F9Q_1/attempt-1.png", "nothing"),
    "reason": ("客户要求", ""),
    "dispatch_task_id": ("T1", "T2", "nothing"),
}
ACT_FIELDS: dict[str, tuple[str, ...]] = {
    "amount": ("18", "1", "1000"),
    "payment_id": ("s1", "s2"),
    "refund_id": ("sr1", "sr2"),
    "task_id": ("", "TASK_20261122_7K3F9Q_1", "TASK_20261122_7K3F9Q_2"),
    "requirement": ("", "白底"),
    "result_url": ("https://shop.example/1.jpg",),
    "email": ("wang@example.com", "li@example.com"),
    "reason": ("客户要求", ""),
}
QUOTED = "as quoted"  # the amount of the newest quote
ACCEPTS = {"text": "可以,发到 wang@example.com", "event_id": "yes"}
TRANSFER = {"reason": "客户要求", "event_id": "transfer"}
MALFORMED: tuple[Any, ...] = (None, "no object", 7, [1, 2], {"amount": {"of": "objects"}}, {"text": ["a", "list"]})
LENGTHS = (0, 3, 8, 15, 25, 40)
ENDING = {"refund_recorded", "cancel_requested"}  # most orders should live to see more than that
# How often each kind of event is drawn, out of 1000.
KINDS = {
    "word": 200, "signal": 300, "malformed": 40, "update": 120, "designer": 240, "cancel": 5, "dispatch": 60,
    "find": 35,
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """Something that somebody does, so many steps after the event before it."""

    kind: str  # signal, update, staff, cancel, designer, dispatch, find
    name: str
    payload: Any
    pause: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.payload or ''}".strip()


def script(seed: int) -> list[Event]:
    """Return the events of a world: a usual course of things, or a part of it, and anything in between."""
    drawn = random.Random(f"events {seed}")
    events = [_event(drawn) for _ in range(drawn.choice(LENGTHS))]
    place = 0
    for event, share in _usual_course(drawn):
        place = drawn.randrange(place, len(events) + 1) if drawn.random() < 0.5 else place
        if drawn.random() < share:
            events.insert(place, event)
            place += 1
    return _with_staff(events, random.Random(f"staff {seed}"))


def _with_staff(events: list[Event], drawn: random.Random) -> list[Event]:
    """Add what staff do on the board, and what they cancel in the Web UI while a letter or a new task is under way."""
    for place in reversed(range(len(events))):
        if events[place].payload in (ACCEPTS, TRANSFER) and drawn.random() < 0.25:
            whose = drawn.choice(("order", "dispatch")) if events[place].payload == TRANSFER else "order"
            events.insert(place + 1, Event("cancel", whose, {}, drawn.choice((2, 2, 3, 4, 6, 8))))
    for _ in range(drawn.choice((0, 0, 1, 2, 4))):
        events.insert(drawn.randrange(len(events) + 1), _act(drawn))
    return events


def _act(drawn: random.Random) -> Event:
    fields = {name: drawn.choice(values) for name, values in ACT_FIELDS.items()}
    return Event("staff", drawn.choice(list(Action)), {**fields, "is_outdated": drawn.random() < 0.3}, _pause(drawn))


def _usual_course(drawn: random.Random) -> list[tuple[Event, float]]:
    """Events in their order, each with how often it happens. Many orders are stopped just when an effect is due."""
    just_then = drawn.choice((0, 1, 1, 1, 2, 3))
    pay = _said("payment_received", 20, payment_id="p9", amount=drawn.choice((QUOTED, QUOTED, "100")), event_id="pay")
    yes = _said("customer_message", 40, **ACCEPTS)
    stop = _said("cancel_requested", just_then, requested_by="staff", event_id="stop")
    if drawn.random() < 0.4:
        transfer = _said("transfer_requested", 10, **TRANSFER)
        return [(pay, 0.9), (transfer, 0.9), (stop, 0.3), (Event("designer", "finishes", {}, 25), 0.9), (yes, 0.8)]
    elsewhere = _said("email_provided", just_then, email="li@example.com", event_id="elsewhere")
    again = _said("resend_requested", 10, requested_by="staff", event_id="again")
    return [(pay, 0.9), (yes, 0.9), (elsewhere, 0.2), (stop, 0.3), (again, 0.6), (stop, 0.2)]


def _said(signal: str, pause: int, **payload: Any) -> Event:
    return Event("signal", signal, payload, pause)


def _event(drawn: random.Random) -> Event:
    (kind,) = drawn.choices(list(KINDS), list(KINDS.values()))
    draw: dict[str, Callable[[], tuple[str, Any]]] = {
        "word": lambda: (
            "customer_message",
            {"text": drawn.choice(WORDS), "event_id": f"word-{drawn.randrange(10**6)}"},
        ),
        "signal": lambda: (_signal(drawn), _payload(drawn)),
        "malformed": lambda: (_signal(drawn), drawn.choice(MALFORMED)),
        "update": lambda: (drawn.choice(sorted(UPDATES)), _payload(drawn)),
        "designer": lambda: (drawn.choice(("takes", "hands in", "finishes")), {}),
        "cancel": lambda: ("order", {}),
        "dispatch": lambda: (drawn.choice(("designer_finished", "cancel_requested")), _payload(drawn)),
        "find": lambda: ("a picture", {"words": drawn.choice(("橘猫", "")), "transfer": drawn.random() < 0.5}),
    }
    name, payload = draw[kind]()
    return Event("signal" if kind in {"word", "malformed"} else kind, name, payload, _pause(drawn))


def _signal(drawn: random.Random) -> str:
    name = drawn.choice([*SIGNALS, "nonsense"])
    return name if name not in ENDING or drawn.random() < 0.2 else "customer_message"


def _payload(drawn: random.Random) -> dict[str, Any]:
    return {name: drawn.choice(values) for name, values in FIELDS.items() if drawn.random() < 0.5}


def _pause(drawn: random.Random) -> int:
    """Several events often meet in one workflow task; now and then hours lie between two."""
    return drawn.choice((0, 0, 1, 2, 5, 10, 20, 30))
