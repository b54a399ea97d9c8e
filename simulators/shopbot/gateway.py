"""The bot's gateway client: pictures, orders and messages by API key, payments signed like the platform's."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from standardwebhooks import Webhook

PAUSES = (0.5, 1.0, 2.0)  # seconds between tries after a temporary error
LOOKS = 10  # at a slow search: there may be no worker
PASSING = {429, 502, 503, 504}  # retried at once
MAY_PASS = {408, 425, 429}  # retried later, although these are client errors
Answer = dict[str, Any]
REASONS = {
    413: "文件太大了,请发小一点的图片(JPEG、PNG 或 WebP)",
    404: "店铺找不到这一单了",
    422: "店铺看不懂这条消息,请换个说法或换张图片",
    429: "发得太快了,请稍等一下",
    503: "店铺系统正忙,等一下再发",
}


SHELF = 10  # orders shown to a customer


class NotTaken(Exception):
    """The gateway refused or is unreachable; the text is for people. `is_final`: retrying is useless."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Gateway:
    """The gateway's API. Every request has an id, so that a repeat changes nothing."""

    def __init__(self, url: str, api_key: str, payment_secret: str, owner: str = "") -> None:
        self._http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {api_key}"}, timeout=httpx.Timeout(15, read=60)
        )
        self._payment_secret = payment_secret
        self._owner = owner  # the user in whose task history the orders are shown

    async def upload(self, picture: bytes) -> str:
        """Upload a picture and return its key. Raises NotTaken."""
        return str((await self._post("/api/uploads", files={"file": ("picture", picture)}))["image_key"])

    async def start(self, customer: str, pictures: list[Answer], idempotency_key: str) -> str:
        """Start an order and return its id. Raises NotTaken."""
        body = {"customer_id": customer, "customer_name": customer, "acc_id": "chat", "pictures": pictures}
        body |= {"owner": self._owner} if self._owner else {}
        return str(
            (await self._post("/api/orders", json=body, headers={"Idempotency-Key": idempotency_key}))["order_id"]
        )

    async def ask_designers(self, customer: str, reason: str, picture: str | None, idempotency_key: str) -> None:
        """Ask human designers a question without an order; the customer gets their answer. Raises NotTaken."""
        body = {"customer_id": customer, "customer_name": customer, "acc_id": "chat", "reason": reason}
        body |= {"image_key": picture} if picture else {}
        await self._post("/api/dispatches", json=body, headers={"Idempotency-Key": idempotency_key})

    async def find(self, customer: str, words: str, picture: str | None, idempotency_key: str) -> Answer:
        """Search for a picture and wait for the result; without `key` no designer is asked. Raises NotTaken."""
        body: Answer = {"customer_id": customer, "customer_name": customer, "acc_id": "chat", "words": words}
        body |= {"transfer_if_none": picture is not None}
        body |= {"image_key": picture} if picture else {}
        found = await self._post("/api/pictures/find", json=body, headers={"Idempotency-Key": idempotency_key})
        for _ in range(LOOKS):  # each request waits on the server
            if found["is_done"]:
                return found
            found = await self._ask("GET", f"/api/pictures/find/{found['find_id']}")
        raise NotTaken("还没找完,等会儿再试")

    async def event(self, order: str, name: str, **payload: Any) -> None:
        """Send an event to an order. Raises NotTaken."""
        await self._post(f"/api/orders/{order}/events/{name}", json=payload)

    async def say(self, order: str, text: str, event_id: str) -> Answer:
        """Send a customer's message and return the order's answer. Raises NotTaken.

        If no worker answers, it is sent as an event, and the reply arrives later as a message.
        """
        words = {"event_id": event_id, "text": text}
        try:
            return await self._post(f"/api/orders/{order}/updates/send_message", json=words)
        except NotTaken:
            await self.event(order, "customer_message", **words)
            return {"accepted": True, "reply": None, "is_sent": True}

    async def cancel(self, order: str, event_id: str) -> Answer:
        """Ask to cancel an order and return the order's answer. Raises NotTaken."""
        asked = {"event_id": event_id, "requested_by": "customer", "reason": "客户在聊天里取消"}
        return await self._post(f"/api/orders/{order}/updates/request_cancel", json=asked)

    async def shelf(self, customer: str) -> list[Answer]:
        """Return a customer's latest orders with their pictures, newest first. Raises NotTaken."""
        about = {"acc_id": "chat", "limit": SHELF}
        listed = await self._ask("GET", f"/api/customers/{quote(customer, safe='')}/orders", params=about)
        return list(await asyncio.gather(*(self.order(one["order_id"]) for one in listed["orders"])))

    async def pay(self, order: str, amount: str, payment_id: str) -> None:
        """Report a payment, like the shop platform. Raises NotTaken."""
        now = datetime.now(UTC)
        data = {"order_id": order, "payment_id": payment_id, "amount": amount, "paid_at": now.isoformat()}
        body = json.dumps({"type": "payment.received", "timestamp": now.isoformat(), "data": data})
        headers = {
            "webhook-id": payment_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._payment_secret).sign(payment_id, now, body),
        }
        await self._post("/api/webhooks/payments", content=body.encode(), headers=headers)

    async def order(self, order: str) -> Answer:
        """Return the current state of an order. Raises NotTaken."""
        return await self._ask("GET", f"/api/orders/{order}")

    async def follow(self, order: str, after: int = 0) -> AsyncIterator[tuple[str, str, int]]:
        """Yield the events of an order: name, JSON, and the serial of a journal line, else 0.

        Starts after the line `after` and stops at `end`, or when the gateway disconnects. Raises httpx.HTTPError.
        """
        name, serial = "", 0
        path, headers = f"/api/orders/{order}/events", {"Last-Event-ID": str(after)}
        async with self._http.stream("GET", path, headers=headers) as answer:
            answer.raise_for_status()
            if answer.status_code == httpx.codes.NO_CONTENT:
                yield "end", "{}", 0
            async for line in answer.aiter_lines():
                field, _, value = line.partition(": ")
                match field:
                    case "id":
                        serial = int(value)
                    case "event":
                        name = value
                    case "data":
                        yield name, value, serial
                        serial = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, path: str, **content: Any) -> Answer:
        return await self._ask("POST", path, **content)

    async def _ask(self, method: str, path: str, **content: Any) -> Answer:
        for pause in (*PAUSES, None):
            try:
                answer = await self._http.request(method, path, **content)
            except httpx.TransportError:
                failure = NotTaken("店铺暂时连不上(网关连不上)")
            else:
                if answer.is_success:
                    return dict(answer.json())
                failure = NotTaken(_reason(answer), is_final=_is_final(answer.status_code))
                if answer.status_code not in PASSING:
                    raise failure
            if pause is None:
                raise failure
            await asyncio.sleep(pause)
        raise AssertionError("the loop always returns or raises")


def _is_final(status: int) -> bool:
    """Whether a retry would be refused as well."""
    return httpx.codes.is_client_error(status) and status not in MAY_PASS


def _reason(answer: httpx.Response) -> str:
    """Return the text for the customer: the gateway's, else one for the status of its answer."""
    try:
        words = answer.json().get("words")
    except (ValueError, AttributeError):
        words = None
    return str(words or REASONS.get(answer.status_code, f"店铺暂时收不了(网关回答 {answer.status_code})"))
