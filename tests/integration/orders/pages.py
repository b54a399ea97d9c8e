"""What processes say of their own health."""

from typing import Any

import httpx

from tests.integration.orders.conftest import RealShop, eventually
from tests.integration.simulators_fixtures import free_port

SECONDS = 30  # within which a fault must be named, on a busy machine

Answer = tuple[int, dict[str, Any]]


class Page:
    """The two pages of a process that tell of its health."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def lives(self) -> bool:
        async with httpx.AsyncClient(base_url=self._url, timeout=SECONDS) as http:
            return (await http.get("/healthz")).status_code == 200

    async def readiness(self) -> Answer:
        async with httpx.AsyncClient(base_url=self._url, timeout=SECONDS) as http:
            try:
                answer = await http.get("/readyz")
            except httpx.TransportError:
                return 0, {}
        return answer.status_code, answer.json().get("checks", {})

    async def is_ready(self) -> dict[str, str]:
        return (await eventually(self.readiness, lambda answer: answer[0] == 200))[1]

    async def lacks(self, *names: str) -> None:
        """Wait until exactly these are named, and expect that the process lives."""

        def are_named(answer: Answer) -> bool:
            status, checks = answer
            return (status, {name for name, state in checks.items() if state != "ok"}) == (503, set(names))

        await eventually(self.readiness, are_named)
        assert await self.lives()


def worker(shop: RealShop, **env: str) -> Page:
    port = free_port()
    shop.start_worker(WORKER_HEALTH_PORT=str(port), **env)
    return Page(f"http://127.0.0.1:{port}")
