"""Plays a customer at the chat page, from the picture to the letter; run inside the network of the containers.

It uses the page's own HTTP and follows links as a browser does. It ends with 0 only if the letter bears the picture.
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
PATIENCE = 180  # seconds for each step
Event = tuple[str, Any]


def events(http: httpx.Client) -> Iterator[Event]:
    """Return what the page is told, as it is told."""
    name = ""
    with http.stream("GET", "stream", timeout=PATIENCE) as answer:
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


def until_status(told: Iterator[Event], status: str) -> dict[str, Any]:
    """Return the order once it stands so."""
    end = time.monotonic() + PATIENCE
    for name, data in told:
        if name == "order" and data["status"] == status:
            return dict(data)
        if time.monotonic() > end:
            break
    raise TimeoutError(f"the order did not become {status}")


def main() -> None:
    """Play, and tell each step with its seconds."""
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    customer = f"guest-{secrets.token_hex(3)}"
    address = f"{customer}@example.com"
    with httpx.Client(base_url=f"{SHOP}/chat/{customer}/", timeout=60) as http:
        page = http.get(f"{SHOP}/chat/", follow_redirects=True).raise_for_status()
        assert "<title>" in page.text
        photo = http.get(f"{SHOP}/chat/samples/chelsea.png").raise_for_status().content
        say = {"line": secrets.token_hex(8), "text": "变清晰一点"}
        http.post("say", data=say, files={"picture": photo}).raise_for_status()
        tell("a picture was sent by the chat page")
        told = events(http)
        order = until_status(told, "pending_payment")
        tell(f"{order['order_id']} is quoted: {order['quote']['minimum']} {order['quote']['currency']}")
        pay = {"line": secrets.token_hex(8), "amount": str(order["quote"]["minimum"])}
        http.post("pay", data=pay).raise_for_status()
        order = until_status(told, "awaiting_confirm")
        preview = http.get(order["pictures"][0]["preview_url"], follow_redirects=True).raise_for_status()
        tell(f"the preview is out, {len(preview.content):,} bytes by {preview.url.host}:{preview.url.port}")
        http.post("say", data={"line": secrets.token_hex(8), "text": f"可以了,发到 {address}"}).raise_for_status()
        until_status(told, "completed")
        (letter,) = http.get(f"{SHOP}/mailbox/ledger", params={"to": address}).raise_for_status().json()
        (attachment,) = letter["attachments"]
        path = f"{SHOP}/mailbox/letters/{letter['letter']}/attachments/0"
        result = http.get(path).raise_for_status().content
        tell(f"the letter is in the mailbox, with {attachment['filename']}, {len(result):,} bytes")
        assert sha256(result).hexdigest() != sha256(photo).hexdigest()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001 - whatever it is, the trial has failed for that reason
        sys.exit(f"the order did not go through: {error!r}")
