"""Plays a customer of the chat page, from the picture to the e-mail, inside the network of the containers.

It uses the page's HTTP API and follows links like a browser. It exits with 0 only if the e-mail has a picture.
"""

import json
import secrets
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx

SHOP = "http://simulators.localhost:6070"
TIMEOUT_SECONDS = 200  # seconds for each step, on a busy machine


class Customer:
    """A new customer of the chat page."""

    def __init__(self) -> None:
        self.name = f"guest-{secrets.token_hex(3)}"
        self.address = f"{self.name}@example.com"
        self.http = httpx.Client(base_url=f"{SHOP}/chat/{self.name}/", timeout=60, follow_redirects=True)

    def send(self, path: str, picture: bytes | None = None, **fields: str) -> None:
        """Send a request, as the page does for a button."""
        data = {"line": secrets.token_hex(8), **fields}
        self.http.post(path, data=data, files={"picture": picture} if picture else None).raise_for_status()

    def until(self, status: str, field: str = "status") -> dict[str, Any]:
        """Return the order once it has this status and field, from the event stream. Raises TimeoutError."""
        end = time.monotonic() + TIMEOUT_SECONDS
        for order in self._told():
            if order.get("status") == status and order[field]:
                return order
            if time.monotonic() > end:
                break
        raise TimeoutError(f"the order is not {status!r}")

    def _told(self) -> Iterator[dict[str, Any]]:
        """Yield the order for each of its events, and an empty one for any other event."""
        name = ""
        with self.http.stream("GET", "stream") as answer:
            for line in answer.iter_lines():
                field, _, value = line.partition(": ")
                name = value if field == "event" else name
                yield json.loads(value) if field == "data" and name == "order" else {}

    def letters(self) -> list[dict[str, Any]]:
        """Return the e-mails in the mailbox."""
        found: list[dict[str, Any]] = self.http.get(f"{SHOP}/mailbox/ledger", params={"to": self.address}).json()
        return found


def play() -> None:
    """Play an order, and print each step with its seconds."""
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    customer = Customer()
    get = customer.http.get
    assert "<title>" in get(f"{SHOP}/chat/").raise_for_status().text
    photo = get(f"{SHOP}/chat/samples/chelsea.png").raise_for_status().content
    customer.send("say", photo, text="变清晰一点")
    tell("a picture was sent by the chat page")
    order = customer.until("pending", "amount_due")
    tell(f"{order['order_id']} is quoted: {order['amount_due']} {order['currency']}")
    customer.send("pay", amount=order["amount_due"])
    preview = get(customer.until("awaiting_confirm")["pictures"][0]["preview_url"]).raise_for_status()
    tell(f"the preview is out: {len(preview.content):,} bytes from {preview.url.host}:{preview.url.port}")
    customer.send("say", text=f"可以了,发到 {customer.address}")
    customer.until("completed")
    (letter,) = customer.letters()
    result = get(f"{SHOP}/mailbox/letters/{letter['letter']}/attachments/0").raise_for_status().content
    assert sha256(result).digest() != sha256(photo).digest()
    tell(f"the letter is in the mailbox, with {letter['attachments'][0]['filename']}, {len(result):,} bytes")


if __name__ == "__main__":
    try:
        play()
    except Exception as error:  # noqa: BLE001 - any error fails the trial
        sys.exit(f"the order did not go through: {error!r}")
