"""Words planted with an order, the shop that they are said to, and how they are looked for afterwards."""

import asyncio
import json
import re
import sys
import urllib.parse
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook

from adapters.db.keys import ApiKeys, new_key
from runtime import wiring
from runtime.paths import ROOT
from stack import ports
from starter.client import TemporalConnection
from starter.codec import keys_from
from tests.conftest import Servers
from tests.http_server import serving
from tests.integration.gateway.serving import signed_in
from tests.integration.orders.conftest import RealOrder, RealShop, eventually, furnished, opened

MARK = f"kanari{uuid.uuid4().hex[:8]}"
IN_CHINESE = "卡娜丽雀"
NAME, WORDS, POSTAL = f"{IN_CHINESE}{MARK}", f"{MARK}的{IN_CHINESE}要亮一点", f"{IN_CHINESE}路8号{MARK}室"
MAILBOX, REFUSED = f"{MARK}@example.com", f"{MARK}@refused.example"
WEBHOOK_SECRET, TOKEN_SECRET = "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM=", "of the canary, which has 32 characters"
HTML = {"Accept": "text/html", "Accept-Language": "en"}


def spellings() -> list[bytes]:
    """The marks as they could lie somewhere: as they are, escaped for JSON and for addresses, and in base64."""
    plain = [MARK, MARK.upper(), IN_CHINESE, json.dumps(IN_CHINESE)[1:-1], urllib.parse.quote(IN_CHINESE)]
    coded = [b64encode(b" " * shift + MARK.encode())[4:-4] for shift in range(3)]
    return [*(text.encode() for text in plain), *coded]


def found_in(places: Mapping[str, bytes]) -> dict[str, bytes]:
    """Where a mark lies in clear, with what stands around it."""
    pattern = re.compile(b".{0,120}(?:" + b"|".join(map(re.escape, spellings())) + b").{0,60}", re.DOTALL)
    return {place: hit[0] for place, content in places.items() if (hit := pattern.search(content))}


@contextmanager
def website(photo: bytes) -> Iterator[str]:
    """A customer's website: it has one picture, which it cannot send at the first request."""
    asked = []

    def answer(path: str, _posted: bytes) -> tuple[int, bytes]:
        asked.append(path)
        status = 404 if "gone" in path else 503 if len(asked) == 1 else 200
        return status, photo if status == 200 else f"no {path} for {MAILBOX}".encode()

    with serving(answer) as host:
        yield host


class CanaryShop:
    """A shop whose payloads are encrypted, with a worker and a gateway that write down all they can."""

    def __init__(self, real: RealShop, site: str, gateway: httpx.AsyncClient, metrics: Mapping[str, str]) -> None:
        self.real, self.site, self.gateway, self.metrics = real, site, gateway, metrics

    async def post(self, path: str, expected: int, **body: Any) -> Any:
        """Send as the chat bot does."""
        answer = await self.gateway.post(path, json=body)
        assert answer.status_code == expected, answer.text
        return answer.json()

    async def update(self, order: RealOrder, name: str, **body: Any) -> Any:
        return await self.post(f"/api/orders/{order.order_id}/updates/{name}", 200, **body)

    async def event(self, order: RealOrder, name: str, **body: Any) -> Any:
        return await self.post(f"/api/orders/{order.order_id}/events/{name}", 202, **body)

    async def new_order(self) -> RealOrder:
        """An order of the customer, with the name and a picture of their website."""
        picture = {"image_url": f"http://{self.site}/{MARK}.jpg", "note": f"变清晰一点,寄到{POSTAL}"}
        asked = {"customer_id": f"c-{uuid.uuid4().hex[:8]}", "acc_id": "shop-1", "customer_name": NAME}
        started = await self.post("/api/orders", 201, **asked, pictures=[picture])
        return RealOrder(self.real, started["order_id"], asked["customer_id"])

    async def webhook(self, **data: Any) -> None:
        """Tell of a payment as the platform does."""
        now, mark = datetime.now(UTC), uuid.uuid4().hex
        body = json.dumps({"type": "payment.received", "timestamp": now.isoformat(), "data": data})
        signed = {
            "webhook-id": mark,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(WEBHOOK_SECRET).sign(mark, now, body),
        }
        answer = await self.gateway.post("/api/webhooks/payments", content=body.encode(), headers=signed)
        assert answer.status_code == 202, answer.text

    async def on_the_board(self, order: RealOrder, action: str, **fields: str) -> None:
        """Do what a staff member does there."""
        token = wiring.tokens(self.real.settings).issue(uuid.uuid4(), "", 1, "staff", "小王")
        url = str(self.gateway.base_url).rstrip("/")
        headers = {**HTML, "Cookie": await signed_in(url, token), "Origin": url}
        async with httpx.AsyncClient(base_url=self.gateway.base_url, headers=headers, timeout=60) as staff:
            page = (await staff.get(f"/staff/orders/{order.order_id}")).raise_for_status().text
            form = page.partition(f"/actions/{action}")[2].partition("</form>")[0]
            hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
            path = f"/staff/orders/{order.order_id}/actions/{action}"
            done = await staff.post(path, data={**hidden, **fields})
            assert done.status_code == 303, done.text
            await staff.get("/staff/orders", params={"q": MARK})


@asynccontextmanager
async def gateway_of(env: Mapping[str, str], url: str, key: str, log: Path) -> AsyncIterator[httpx.AsyncClient]:
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", cwd=ROOT, stdout=out, stderr=out, env=dict(env)
        )
    try:
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
            await eventually(partial(_lives, client))
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _lives(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def canary_shop(servers: Servers, namespace: str, photo: bytes, folder: Path) -> AsyncIterator[CanaryShop]:
    free = ports.choose({"gateway": 0, "metrics": 0})
    url, key = f"http://127.0.0.1:{free['gateway']}", new_key()
    with website(photo) as site:
        env = await furnished(servers) | {
            "TEMPORAL_NAMESPACE": namespace,
            "PAYLOAD_KEYS": f"2026-12:{'1f' * 32}",
            "PRIVATE_PICTURE_HOSTS": f"{servers.start('simulators')['PRIVATE_PICTURE_HOSTS']},{site}",
            "GATEWAY_PORT": str(free["gateway"]),
            "GATEWAY_URL": url,
            "PAYMENT_SECRETS": WEBHOOK_SECRET,
            "TOKEN_SECRET": TOKEN_SECRET,
            "WORKER_METRICS_PORT": str(free["metrics"]),
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "DARKROOM_DATA": str(folder),
        }
        async with opened(env, folder) as real:
            real.client = await TemporalConnection(
                real.settings.temporal_address, namespace, payload_keys=keys_from(env["PAYLOAD_KEYS"])
            ).connect()
            engine = wiring.engine(real.settings)
            await ApiKeys(engine).add(key, "the bot", ["bot"])
            await engine.dispose()
            real.start_worker()
            async with gateway_of(env, url, key, folder / "gateway.log") as client:
                metrics = {"gateway": f"{url}/metrics", "worker": f"http://127.0.0.1:{free['metrics']}/metrics"}
                yield CanaryShop(real, site, client, metrics)
    ports.release(free.values())
