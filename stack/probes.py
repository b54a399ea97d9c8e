"""Readiness probes of servers."""

import httpx


async def answers_ok(url: str) -> bool:
    """Return whether a GET request to the URL is answered with 200."""
    async with httpx.AsyncClient(trust_env=False) as client:  # no proxy for loopback addresses
        try:
            return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
