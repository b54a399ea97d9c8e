"""Ways to ask a server whether it is ready."""

import httpx


async def answers_ok(url: str) -> bool:
    """Say whether a GET of the address answers 200."""
    async with httpx.AsyncClient(trust_env=False) as client:  # loopback is never behind a proxy
        try:
            return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
