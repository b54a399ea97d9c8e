"""Whose session a cookie is, and whether a token was ended: answers of Postgres, remembered for some seconds."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Request

from adapters.db.sessions import NOTED_EVERY, SIGNED_OUT, Session, Sessions
from adapters.identity.tokens import SignIn, Tokens
from domain.task_history.users import Role
from domain.vocabulary.errors import TokenRefused
from gateway.access_log import address_of
from gateway.rate_limits import RateLimits

FRESH_SECONDS = 10.0  # until a session that was ended elsewhere stops working; nothing is believed longer than that
MOST = 2000  # remembered answers of each kind
BACKGROUND = "x-background"  # header of requests that a page makes by itself
STREAM = "text/event-stream"
LONGEST_CLIENT = 60  # characters
_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "MicroMessenger": "WeChat", "Firefox": "Firefox", "Chrome": "Chrome",
             "Safari": "Safari"}  # fmt: skip
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS",
            "Linux": "Linux"}  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True)
class _Known(Generic[T]):
    answer: T
    until: float


class Recent(Generic[T]):
    """Answers by key, each for FRESH_SECONDS. Concurrent callers share one question; a failure is not remembered."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, _Known[T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str, ask: Callable[[], Coroutine[Any, Any, T]], *, anew: bool = False) -> T:
        """Return the answer for a key, by asking if none is known or it must be `anew`."""
        known = self._known.get(key)
        if known and self._clock() < known.until and not anew:
            return known.answer
        if key not in self._asking:
            asked_at = self._clock()  # what is answered may be as old as the question
            self._asking[key] = task = asyncio.create_task(ask())
            task.add_done_callback(lambda done: self._note(key, done, asked_at))
        return await asyncio.shield(self._asking[key])  # a cancelled request must not cancel the others' question

    def forget(self, key: str) -> None:
        """Ask again at the next call, also if a question is under way."""
        self._known.pop(key, None)
        self._asking.pop(key, None)

    def forget_all(self) -> None:
        """Ask again for each key."""
        self._known.clear()
        self._asking.clear()

    def _note(self, key: str, done: asyncio.Task[T], asked_at: float) -> None:
        if self._asking.get(key) is not done:  # forgotten meanwhile
            _ = done.cancelled() or done.exception()  # marks it as retrieved
            return
        del self._asking[key]
        self._known.pop(key, None)
        if done.cancelled() or done.exception() or done.result() is None:  # guesses would evict real answers
            return
        self._known[key] = _Known(done.result(), asked_at + FRESH_SECONDS)
        for oldest in list(self._known)[:-MOST]:
            del self._known[oldest]


class SessionBook:
    """The sessions and revocations as this gateway knows them: at most FRESH_SECONDS old.

    Without Postgres nobody is believed to be signed in any longer than that: each method raises OutsideUnavailable.
    """

    def __init__(self, sessions: Sessions, tokens: Tokens, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._of_cookies: Recent[Session | None] = Recent(clock)
        self._of_tokens: Recent[bool] = Recent(clock)

    async def session(self, cookie: str, role: Role, *, is_active: bool) -> Session:
        """Return the session of a cookie in this role. Raises TokenRefused."""
        ask = partial(self._sessions.find, cookie, is_active=is_active)
        found = await self._of_cookies.get(cookie, ask) if _COOKIE.fullmatch(cookie) else None
        if found and is_active and datetime.now(UTC) - found.seen_at >= NOTED_EVERY:
            found = await self._of_cookies.get(cookie, ask, anew=True)
        if found is None or found.user.role != role:
            raise TokenRefused("not signed in, or the session has ended: sign in again")
        return found

    async def by_token(self, token: str, role: Role) -> SignIn:
        """Verify a token that is sent with a request. Raises TokenRefused, also if it was signed out."""
        signed = await self._tokens.sign_in(token, role)
        if await self._of_tokens.get(signed.token_id, partial(self._sessions.is_refused, signed)):
            raise TokenRefused(SIGNED_OUT)
        return signed

    async def begin(self, token: str, role: Role, client: str, instead_of: str) -> tuple[str, Session]:
        """Exchange a token for a session, which replaces the browser's; return its cookie. Raises TokenRefused."""
        signed = await self._tokens.sign_in(token, role)
        begun = await self._sessions.begin(signed, client, instead_of)
        self._of_cookies.forget(instead_of)
        return begun

    async def of(self, session: Session) -> Sequence[Session]:
        """Return all sessions of the person in the role of this one."""
        return await self._sessions.of(session.user.user_id, session.user.role)

    async def others(self, session: Session) -> Sequence[UUID]:
        """Return the ids of all these sessions but this one."""
        return [other.session_id for other in await self.of(session) if other.session_id != session.session_id]

    async def end(self, session: Session, session_ids: Sequence[UUID]) -> None:
        """End sessions of the person in the role of this one, and the tokens that began them."""
        try:
            await self._sessions.end(session.user, session_ids)
        finally:  # whether it was done is unknown after a failure
            self._of_cookies.forget_all()
            self._of_tokens.forget_all()


@asynccontextmanager
async def guessing_is_limited(request: Request) -> AsyncIterator[None]:
    """Count refusals by address. Raises TooManyRequests."""
    limits: RateLimits = request.state.limits
    try:
        yield
    except TokenRefused:
        await limits.count_address(address_of(request.scope))
        raise


def is_active(request: Request) -> bool:
    """Whether a person did something, rather than a page that shows by itself what is new."""
    return BACKGROUND not in request.headers and request.headers.get("accept") != STREAM


def client_of(request: Request) -> str:
    """Return by which browser and system a request came, in words by which its owner knows it again."""
    said = request.headers.get("user-agent", "")
    found = [next((name for mark, name in marks.items() if mark in said), "") for marks in (_BROWSERS, _SYSTEMS)]
    told = ", ".join(part for part in found if part) or said.partition("/")[0]
    return "".join(letter for letter in told if letter.isprintable())[:LONGEST_CLIENT] or "?"
