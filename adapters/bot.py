"""The chat bot over HTTP: messages and hints, signed according to Standard Webhooks."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from adapters.http import is_permanent, retry_after
from domain.texts.phrase import said
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.recipient import Recipient

TIMEOUT_SECONDS = 10  # for the whole exchange, so that a slow drip does not extend it
LONGEST_ANSWER = 65_536  # bytes; the rest is not read
TEXT, IMAGE = 0, 1
# Permanent refusals that are not about the message, but about our secret or URL.
SET_UP = frozenset({401, 403, 404, 405, 407, 501})
FIRST_OF_ITS_OWN = 400  # a redirect is not an answer


class BotChat:
    """The Chat port. `webhook-id` is the message id, the same on every retry, so that the bot can drop repeats."""

    def __init__(self, url: str, secret: str, client: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._webhook = Webhook(secret)
        self._client = client

    async def send_text(self, message_id: str, to: Recipient, text: str) -> None:
        """Send a text to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        await self._post("messages", message_id, to, content=text, msg_type=TEXT)

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:
        """Send a picture to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        await self._post("messages", message_id, to, content=url, msg_type=IMAGE)

    async def hint(self, message_id: str, to: Recipient, system_hint: str, fallback_text: str) -> None:
        """Ask the bot to phrase a message itself. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        await self._post("hints", message_id, to, system_hint=system_hint, fallback_text=fallback_text)

    async def _post(self, path: str, message_id: str, to: Recipient, **words: str | int) -> None:
        recipient = {"customer_id": to.customer_id, "acc_id": to.acc_id, "acc_type": to.acc_type}
        body = json.dumps(recipient | words, ensure_ascii=False)
        headers = self._signed(message_id, body) | {"content-type": "application/json"}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._hand_over(f"{self._url}/{path}", body.encode(), headers, list(words.values()))
        except (httpx.TransportError, TimeoutError) as error:
            raise OutsideUnavailable(f"The chat bot cannot be reached: {error!r}") from error

    async def _hand_over(self, url: str, body: bytes, headers: dict[str, str], words: list[str | int]) -> None:
        """POST a message, without following redirects. Raises the same errors, which do not quote the message."""
        async with self._client.stream(
            "POST", url, content=body, headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=False
        ) as response:
            answer = await _beginning(response)
            if not response.is_success:
                raise _failure(response, _without(words, answer))

    def _signed(self, message_id: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(message_id, now, body),
        }


async def _beginning(response: httpx.Response) -> str:
    """Read the start of a response, compressed or not."""
    said = bytearray()
    async for chunk in response.aiter_raw():
        said += chunk
        if len(said) > LONGEST_ANSWER:
            break
    return said.decode(errors="replace")


def _failure(response: httpx.Response, answer: str) -> OutsideRefused | OutsideUnavailable | MessageRefused:
    message = f"The chat bot answered {response.status_code}: {answer[:200]}"
    if is_permanent(response.status_code):
        is_ours_to_mend = response.status_code < FIRST_OF_ITS_OWN or response.status_code in SET_UP
        return OutsideRefused(message) if is_ours_to_mend else _refused(message, answer)
    return OutsideUnavailable(message, retry_after=retry_after(response.headers))


def _refused(message: str, answer: str) -> MessageRefused:
    return MessageRefused(message, why=said("error.message_refused", detail=answer[:200]))


def _without(words: list[str | int], answer: str) -> str:
    """Return a response text without quotes of the message."""
    said_so = [one for one in words if isinstance(one, str) and one]
    for quoted in [*said_so, *(json.dumps(one)[1:-1] for one in said_so)]:
        answer = answer.replace(quoted, "…")
    return answer
