"""The wire to Tuhui: one call, with its key, its limits, and what may go wrong on the way."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from adapters.http import is_permanent, retry_after
from adapters.tuhui.answers import trouble
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable, away, refuses

TIMEOUT_SECONDS = 10  # for a call and its answer as a whole: an answer that drips is none
LONGEST_ANSWER = 1_000_000  # bytes
MOST_WORDS = 200  # of Tuhui's text in our message

# Of these nothing was sent; the latter come of a key or an address that cannot be sent at all.
NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
NEVER_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError)

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A success or a refusal; of one that is too long the beginning."""

    status: int
    body: bytes
    delay: timedelta | None = None


class Wire:
    """Speaks to one address with one key. Errors quote neither: the address may hold a key too."""

    def __init__(self, url: str, api_key: str, client: httpx.AsyncClient) -> None:
        base, _, query = url.partition("?")
        self._base, self._query = base.rstrip("/"), query
        self._secrets = [secret for secret in (api_key, query, base) if secret]
        self._headers = {"x-api-key": api_key, "accept-encoding": "identity"}
        self._client = client

    async def ask(self, method: str, path: str, body: Body | None = None, *, creates: bool = False) -> bytes:
        """Return the body of a success. Raises OutsideUnavailable, OutsideRefused."""
        return self.granted(await self.call(method, path, body, creates=creates))

    def granted(self, answer: Answer) -> bytes:
        """Return the body of a success. Raises OutsideRefused."""
        if not httpx.codes.is_success(answer.status):
            raise OutsideRefused(self._told(answer), why=refuses("dispatch", str(answer.status)))
        return answer.body

    async def call(self, method: str, path: str, body: Body | None = None, *, creates: bool = False) -> Answer:
        """Return a success or a refusal. Raises OutsideUnavailable; OutsideRefused where nothing could be sent."""
        answer = await self._heard(method, path, body, creates)
        if len(answer.body) > LONGEST_ANSWER:
            raise trouble(f"Tuhui's answer is longer than {LONGEST_ANSWER} bytes", creates=creates)
        if not is_permanent(answer.status):
            raise trouble(self._told(answer), answer.delay, creates=creates)
        return answer

    async def _heard(self, method: str, path: str, body: Body | None, creates: bool) -> Answer:
        """Hand over and listen. Errors have no cause: it is logged as well, and may hold the key."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):  # httpx's own timeout restarts with every byte received
                return await self._exchange(method, path, body)
        except NEVER_SENT:
            message = "TUHUI_URL is no address, or TUHUI_API_KEY no key: a blank in it, perhaps"
            raise OutsideRefused(message, why=refuses("dispatch", "TUHUI_URL, TUHUI_API_KEY")) from None
        except NEVER_REACHED as error:
            message = f"Tuhui cannot be reached: {self._discreet(repr(error))}"
            raise OutsideUnavailable(message, why=away("dispatch")) from None
        except (httpx.TransportError, TimeoutError) as error:
            raise trouble(f"Tuhui did not answer: {self._discreet(repr(error))}", creates=creates) from None

    async def _exchange(self, method: str, path: str, body: Body | None) -> Answer:
        """Ask, and read the answer as it comes; a redirect gets no key."""
        said = bytearray()
        connecting = TIMEOUT_SECONDS / 2  # so that of a connection never made it is known that nothing was sent
        timeout = httpx.Timeout(TIMEOUT_SECONDS, connect=connecting, pool=connecting)
        url = f"{self._base}{path}{self._query_after(path)}"
        async with self._client.stream(
            method, url, json=body, headers=self._headers, timeout=timeout, follow_redirects=False
        ) as response:
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > LONGEST_ANSWER:
                    break
        return Answer(response.status_code, bytes(said), retry_after(response.headers))

    def _query_after(self, path: str) -> str:
        return self._query and f"{'&' if '?' in path else '?'}{self._query}"

    def _told(self, answer: Answer) -> str:
        return f"Tuhui answered {answer.status}: {self._discreet(answer.body.decode(errors='replace'))}"

    def _discreet(self, words: str) -> str:
        """Return the beginning of words that others chose, without our address and key, should they quote them."""
        return re.sub("|".join(map(re.escape, self._secrets)), "…", words)[:MOST_WORDS]
