"""The staff group chat in WeCom (企业微信): its group robot, or the log if none is configured."""

import re
from datetime import timedelta

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from adapters.http import is_permanent, retry_after
from domain.texts.masking import masked
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.staff_messages import shortened

TIMEOUT_SECONDS = 10
OK = 0
TOO_MANY = 45009  # messages this minute
BUSY = frozenset({-1, 45033})  # the service is overloaded, or too many concurrent calls
SET_UP = frozenset({93000, 40001, 40014, 42001, 60020})  # invalid URL, key or source address
WAIT_FOR_ROOM = timedelta(minutes=1)  # the limit is per minute

log = structlog.get_logger("staff")

Failure = OutsideRefused | OutsideUnavailable | MessageRefused


class Answer(BaseModel):
    """A response of the robot; errors, too, have status 200."""

    errcode: int
    errmsg: str = ""


class WeComRobot:
    """The Staff port. The robot's key is part of its URL, so errors are raised without anything that may quote it."""

    def __init__(self, webhook_url: str, client: httpx.AsyncClient) -> None:
        self._url = webhook_url
        self._client = client

    async def tell(self, markdown: str) -> None:
        """Send this to staff, shortened if too long. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""
        failure = await self._send({"msgtype": "markdown", "markdown": {"content": shortened(markdown)}})
        if failure:
            raise failure

    async def _send(self, message: dict[str, object]) -> Failure | None:
        try:
            response = await self._client.post(self._url, json=message, timeout=TIMEOUT_SECONDS)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            return OutsideRefused("WECHAT_WEBHOOK is no address of a robot")
        except httpx.RequestError as error:
            return OutsideUnavailable(f"Staff's robot cannot be reached: {self._discreet(repr(error))}")
        return self._judge(response)

    def _judge(self, response: httpx.Response) -> Failure | None:
        said = f"Staff's robot answered {response.status_code}: {self._discreet(response.text)[:200]}"
        if not response.is_success:
            if is_permanent(response.status_code):
                return OutsideRefused(said)
            return OutsideUnavailable(said, retry_after=retry_after(response.headers))
        try:
            answer = Answer.model_validate_json(response.content)
        except ValidationError:
            return OutsideUnavailable(said)
        return _failure(answer.errcode, said)

    def _discreet(self, words: str) -> str:
        """Return a text of others without our URL and key, in case it quotes them."""
        secrets = [self._url, *httpx.URL(self._url).params.values()]
        return re.sub("|".join(re.escape(secret) for secret in secrets if secret), "…", words)


def _failure(errcode: int, said: str) -> Failure | None:
    if errcode == OK:
        return None
    if errcode == TOO_MANY:
        return OutsideUnavailable(said, retry_after=WAIT_FOR_ROOM)
    if errcode in BUSY:
        return OutsideUnavailable(said)
    return OutsideRefused(said) if errcode in SET_UP else MessageRefused(said)


class StaffLog:
    """The Staff port without a robot: notices are logged, with masked addresses."""

    async def tell(self, markdown: str) -> None:
        """Log this."""
        log.warning("staff notice", notice=masked(markdown), remedy="set WECHAT_WEBHOOK")
