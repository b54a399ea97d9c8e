"""Readiness probes of servers."""

import ssl

import httpx

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without certificates, which would be loaded for each probe


async def answers_ok(url: str) -> bool:
    """Return whether a GET request to the URL is answered with 200."""
    async with httpx.AsyncClient(trust_env=False, verify=NO_TLS) as client:  # no proxy for loopback addresses
        try:
            return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False
