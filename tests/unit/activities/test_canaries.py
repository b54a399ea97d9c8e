"""Ordinary failures tell nothing of a customer: neither to the log nor to Temporal."""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiosmtplib
import httpx
import pytest
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ExecuteActivityInput

from activities.activity_logger import ActivityLogger
from activities.failures import FailureInterceptor
from adapters.bot import BotChat
from adapters.db.engine import outages
from adapters.mail.replies import classify
from domain.vocabulary.errors import DarkroomError
from domain.vocabulary.recipient import Recipient
from starter.client import CONVERTER
from tests.unit.activities.test_failures import Failing

CANARY, SECRET = "canary", "whsec_bmV3IHNlY3JldCBvZiB0aGUgdGVzdHM="
ADDRESS = f"{CANARY}@example.com"


def refused(code: int) -> Exception:
    said = f"<{ADDRESS}>: see https://mail.example/why?who={CANARY}"
    return classify(aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(code, said, ADDRESS)]))


def answered(code: int) -> Exception:
    return classify(aiosmtplib.SMTPDataError(code, f"no mail for {ADDRESS}"))


def of_postgres(error: Exception) -> Exception:
    statement = DBAPIError("UPDATE orders SET email = $1", (ADDRESS,), error, hide_parameters=True)
    with pytest.raises((DarkroomError, DBAPIError)) as raised, outages():
        raise statement
    return raised.value


class Dropped(Exception):
    """The driver's, with the row that it quotes behind its first line."""

    sqlstate = "57P01"

    def __str__(self) -> str:
        return f"terminating connection\nDETAIL: Failing row contains ({ADDRESS})"


class Odd(Dropped):
    sqlstate = "XX000"


async def _piece(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def of_the_bot(status: int) -> Exception:
    words = f"发到 {ADDRESS} 了"
    echo = httpx.MockTransport(lambda request: httpx.Response(status, content=_piece(request.content)))
    async with httpx.AsyncClient(transport=echo) as client:
        with pytest.raises(DarkroomError) as caught:
            await BotChat("http://bot.test", SECRET, client).send_text("M-1", Recipient("c", "s", "A"), words)
    return caught.value


FAILURES: dict[str, Callable[[], Exception]] = {
    "SMTP 451 at the recipient": lambda: refused(451),
    "SMTP 550 at the recipient": lambda: refused(550),
    "SMTP 451 at the data": lambda: answered(451),
    "SMTP 554 at the data": lambda: answered(554),
    "a dropped connection to Postgres": lambda: of_postgres(Dropped()),
    "what nobody foresaw of Postgres": lambda: of_postgres(Odd()),
    "what nobody foresaw": lambda: ValueError(f"bad address {ADDRESS}\nInput: {ADDRESS}"),
}


async def told(error: Exception, caplog: pytest.LogCaptureFixture) -> str:
    """Return everything that the log and Temporal hear of a failed activity."""
    activity = ActivityLogger().intercept_activity(FailureInterceptor().intercept_activity(Failing(error)))
    called = ExecuteActivityInput(fn=len, args=[], executor=None, headers={})
    with caplog.at_level(logging.DEBUG), pytest.raises(ApplicationError) as caught:
        await ActivityEnvironment().run(activity.execute_activity, called)
    failure: Any = await _as_temporal_has_it(caught.value)
    lines = [str(vars(record)) for record in caplog.records]
    return "\n".join([str(failure), *lines])


async def _as_temporal_has_it(error: ApplicationError) -> object:
    from temporalio.api.failure.v1 import Failure  # noqa: PLC0415 - of this helper alone

    failure = Failure()
    await CONVERTER.encode_failure(error, failure)
    return failure


@pytest.mark.parametrize("kind", FAILURES)
async def test_a_failure_names_no_customer(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    heard = await told(FAILURES[kind](), caplog)
    assert CANARY not in heard
    assert "activity failed" in heard


@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_a_bot_that_quotes_what_it_was_told_is_not_quoted(status: int, caplog: pytest.LogCaptureFixture) -> None:
    heard = await told(await of_the_bot(status), caplog)
    assert CANARY not in heard
    assert "发到" not in heard
