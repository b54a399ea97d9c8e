"""The people of a storm: customers who say everything again until it is taken, designers, and staff."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from adapters.db.models import OrderRow
from domain.vocabulary.needs import NeedKind
from runtime import wiring
from tests.faults.stories import SMALL, handed_in
from tests.faults.storm.parts import Parts
from tests.integration.orders.test_outcomes import a_photo

LOOK_AGAIN = 1.0  # seconds
LONGEST_CALL = 20.0  # seconds that a caller waits for an answer
FROM_THE_PROVIDER = 500  # the HTTP status from which it is worth trying again
AGAIN = {408, 409, 425, 429}
STAFF_ANSWER_AFTER = 30.0  # seconds
CAN_RESUME = {NeedKind.RESUME, NeedKind.LOOK, NeedKind.FAILED, NeedKind.LETTER, NeedKind.PAYMENT}
WISHES = ("脸再亮一点", "再暖一点", "背景再干净一点")
CHATTER = ("好了吗", "什么时候能好呀", "谢谢")


@dataclass(frozen=True)
class Plan:
    """What a customer will do."""

    revisions: int
    by_designer: bool
    parts: int  # in which it is paid
    chatter: int
    ending: str  # mailed, mailed twice, called off

    @property
    def letters(self) -> int:
        """How many they will get."""
        return {"mailed": 1, "mailed twice": 2}.get(self.ending, 0)


def plan(drawn: random.Random) -> Plan:
    """Draw a plan."""
    return Plan(
        revisions=drawn.choice((0, 0, 1, 2)),
        by_designer=drawn.random() < 0.4,
        parts=drawn.choice((1, 1, 2)),
        chatter=drawn.choice((0, 1, 2)),
        ending=drawn.choice(("mailed", "mailed", "mailed twice", "called off")),
    )


class Refused(Exception):
    """What a customer asked for was refused."""


@dataclass
class Customer:
    """A customer with one order; what was taken of theirs is what must be on record."""

    name: str
    plan: Plan
    http: httpx.AsyncClient
    order_id: str = ""
    begun: float = 0.0
    ended: float | None = None  # by the monotonic clock; None: it is not over yet
    paid: dict[str, Decimal] = field(default_factory=dict)
    refunded: dict[str, Decimal] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    calls: int = 0  # events that were taken
    refused: str = ""  # what it was not taken for

    async def play(self) -> None:
        """Go through the plan to its end."""
        self.begun = time.monotonic()
        try:
            await self._play()
        except Refused as error:
            self.refused = str(error)
            return
        self.ended = time.monotonic()

    async def _play(self) -> None:
        await self._order()
        quoted = await self._until(lambda order: order["amount_due"])
        if self.plan.by_designer:
            await self._event("transfer_requested", reason="客户要人来做")
        await self._pay(quoted)
        for number in range(self.plan.chatter):
            await self._say(f"{CHATTER[number]}{number}")
        if self.plan.ending == "called off":
            await self._call_off()
        else:
            await self._revise()
            await self._accept()

    async def _order(self) -> None:
        picture = {"file": ("photo.jpg", await asyncio.to_thread(a_photo), "image/jpeg")}
        uploaded = await self._ask("/api/uploads", files=picture)
        wanted = {
            "customer_id": self.name,
            "acc_id": "shop-1",
            "pictures": [{"image_key": uploaded["image_key"], "note": SMALL}],
        }
        started = await self._ask("/api/orders", json=wanted, headers={"Idempotency-Key": self.name})
        self.order_id = started["order_id"]

    async def _pay(self, order: Mapping[str, Any]) -> None:
        price = Decimal(order["amount_due"])
        amounts = [price] if self.plan.parts == 1 else [price - 1, Decimal(1)]
        for number, amount in enumerate(amounts, 1):
            payment = f"{self.name}-pay-{number}"
            await self._event("payment_received", payment_id=payment, amount=str(amount))
            self.paid[payment] = amount

    async def _revise(self) -> None:
        for number in range(self.plan.revisions):
            await self._until(partial(self._is_shown, revisions=number))
            await self._event("revision_requested", note=WISHES[number])

    @staticmethod
    def _is_shown(order: Mapping[str, Any], revisions: int) -> bool:
        (picture,) = order["pictures"]
        return bool(order["status"] == "awaiting_confirm" and picture["revisions"] == revisions)

    async def _accept(self) -> None:
        await self._until(lambda order: self._is_shown(order, self.plan.revisions))
        await self._say(f"可以,发到 {self.name}@example.com")
        await self._until(lambda order: order["status"] == "completed")
        if self.plan.letters == 2:
            await self._event("resend_requested", requested_by="customer")

    async def _call_off(self) -> None:
        await self._until(lambda order: order["status"] != "pending")
        await self._event("cancel_requested", requested_by="staff", reason="客户不要了")
        await self._until(lambda order: order["status"] == "cancelled")
        refund, amount = f"{self.name}-back", sum(self.paid.values(), Decimal(0))
        await self._event("refund_recorded", refund_id=refund, amount=str(amount))
        self.refunded[refund] = amount
        await self._until(lambda order: Decimal(order["amount_refunded"]) == amount)
        await self._say("还是要吧")

    async def _say(self, words: str) -> None:
        await self._event("customer_message", text=words)
        self.said.append(words)

    async def _event(self, name: str, **payload: Any) -> None:
        """Send an event until it is taken, with the same id each time."""
        self.calls += 1
        payload["event_id"] = f"{self.name}-{self.calls}"
        await self._ask(f"/api/orders/{self.order_id}/events/{name}", json=payload)

    async def _until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        while True:
            order = await self._ask(f"/api/orders/{self.order_id}", "GET")
            if order["pictures"] and condition(order):
                return order
            await asyncio.sleep(LOOK_AGAIN)

    async def _ask(self, path: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Ask until there is an answer. Raises Refused."""
        while True:
            try:
                answer = await self.http.request(method, path, **body)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            if answer is not None and answer.status_code < FROM_THE_PROVIDER and answer.status_code not in AGAIN:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(LOOK_AGAIN)


class Designers:
    """Designers who hand in a picture for every task that is assigned to them."""

    def __init__(self, simulators_url: str) -> None:
        self._url = f"{simulators_url}/tuhui"

    async def work(self) -> None:
        """Work until this is cancelled."""
        seen = 0
        async with httpx.AsyncClient(timeout=LONGEST_CALL) as http:
            while True:
                for entry in await _patiently(http, "GET", f"{self._url}/ledger", params={"since": str(seen)}):
                    seen = entry["n"]
                    if entry["kind"] == "assign":
                        await self._finish(http, entry["task_id"])
                await asyncio.sleep(LOOK_AGAIN)

    async def _finish(self, http: httpx.AsyncClient, task_id: str) -> None:
        for step, files in (("accept", {}), ("finish", {"picture": await asyncio.to_thread(handed_in)})):
            await _patiently(http, "POST", f"{self._url}/desk/{task_id}/{step}", files=files)


async def _patiently(http: httpx.AsyncClient, method: str, url: str, **more: Any) -> Any:
    """Ask until there is an answer; a refusal is one: the task is closed by now."""
    while True:
        try:
            answer = await http.request(method, url, **more)
        except httpx.TransportError:
            await asyncio.sleep(LOOK_AGAIN)
            continue
        return answer.json()


class Staff:
    """Staff who resume what asks for them."""

    def __init__(self, parts: Parts, http: httpx.AsyncClient) -> None:
        self._engine, self._http = wiring.engine(parts.settings), http
        self.resumed: list[tuple[str, str]] = []  # order, and what it needed

    async def work(self) -> None:
        """Work until this is cancelled."""
        since: dict[tuple[str, str], float] = {}
        try:
            while True:
                await asyncio.sleep(LOOK_AGAIN)
                since = {need: since.get(need, time.monotonic()) for need in await self._needs()}
                for need in [need for need, begun in since.items() if time.monotonic() - begun > STAFF_ANSWER_AFTER]:
                    await self._resume(*need)
                    since[need] = time.monotonic()
        finally:
            await self._engine.dispose()

    async def _needs(self) -> list[tuple[str, str]]:
        try:
            async with self._engine.connect() as connection:
                rows = (await connection.execute(select(OrderRow.order_id, OrderRow.needs))).all()
        except (DBAPIError, OSError):
            return []
        return [(row.order_id, need["kind"]) for row in rows for need in row.needs if need["kind"] in CAN_RESUME]

    async def _resume(self, order_id: str, kind: str) -> None:
        event = {"event_id": f"resume-{len(self.resumed)}", "requested_by": "staff", "reason": kind}
        self.resumed.append((order_id, kind))
        await _patiently(self._http, "POST", f"/api/orders/{order_id}/events/processing_resumed", json=event)


def caller(parts: Parts) -> httpx.AsyncClient:
    """Return an HTTP client of the gateway, with the bot's key."""
    headers = {"Authorization": f"Bearer {parts.chat_api_key}"}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=parts.gateway_url, headers=headers, timeout=LONGEST_CALL, limits=limits)
