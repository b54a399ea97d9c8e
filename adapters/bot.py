"""The chat bot over HTTP: messages and hints, signed as the Standard Webhooks specification says."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from adapters.http import is_permanent, retry_after
from domain.texts.phrase import said
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.recipient import Recipient

TIMEOUT_SECONDS = 10  # for a message and its answer as a whole: an answer that drips is none
LONGEST_ANSWER = 65_536  # bytes; the rest is left unread
TEXT, IMAGE = 0, 1
# Of what is refused for good: not what is said, but our secret, our address or our way is wrong.
SET_UP = frozenset({401, 403, 404, 405, 407, 501})
FIRST_OF_ITS_OWN = 400  # a redirect is no answer to a message


class BotChat:
    """The Chat port. `webhook-id` is the message's id, the same over retries, so that the bot can drop repeats."""

    def __init__(self, url: str, secret: str, client: httpx.AsyncClient) -> None:
        self._url = url.rstrip("/")
        self._webhook = Webhook(secret)
        self._client = client

    async def send_text(self, message_id: str, to: Recipient, text: str) -> None:
        """Say this to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        await self._post("messages", message_id, to, content=text, msg_type=TEXT)

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:
        """Show this picture to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        await self._post("messages", message_id, to, content=url, msg_type=IMAGE)

    async def hint(self, message_id: str, to: Recipient, system_hint: str, fallback_text: str) -> None:
        """Ask the bot to word a message itself. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
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
        """Post it; a redirect gets neither words nor signature. Raises the same, without the words that were said."""
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
    """Read an answer as it comes, packed or not, and of a long one the beginning only."""
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
    """Return an answer without what it quotes of a message."""
    said_so = [one for one in words if isinstance(one, str) and one]
    for quoted in [*said_so, *(json.dumps(one)[1:-1] for one in said_so)]:
        answer = answer.replace(quoted, "…")
    return answer
