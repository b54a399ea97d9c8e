"""What a gateway remembers of sessions: for some seconds, and not a moment longer while Postgres is away."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from fastapi import Request

from adapters.db.sessions import NOTED_EVERY, Session, Sessions
from adapters.identity.tokens import SignIn, Tokens, Trust
from domain.task_history.users import User
from domain.vocabulary.errors import OutsideUnavailable, TokenRefused
from gateway.sessions import FRESH_SECONDS, MOST, SessionBook, client_of, is_active

COOKIE, OTHER, USER = "a" * 43, "b" * 43, User(uuid.uuid4(), "staff")
TOKENS = Tokens(Trust("HS256", "darkroom", "darkroom-history"), secret="of the tests" * 3)
SOON = datetime.now(UTC) + timedelta(hours=1)


class Table:
    """The table of sessions, which may be away."""

    def __init__(self) -> None:
        self.is_away = False
        self.looks: list[tuple[str, bool]] = []
        self.now = 1000.0
        self.refused: set[str] = set()
        self.seen_at = datetime.now(UTC)
        self.sessions = {COOKIE: self.session(), OTHER: self.session()}
        self.book = SessionBook(cast("Sessions", self), TOKENS, lambda: self.now)

    def session(self) -> Session:
        return Session(uuid.uuid4(), USER, "", self.seen_at, self.seen_at, SOON)

    async def find(self, cookie: str, *, is_active: bool) -> Session | None:
        self._look(cookie, is_active)
        await asyncio.sleep(0)
        return self.sessions.get(cookie)

    async def is_refused(self, signed: SignIn) -> bool:
        self._look(signed.token_id, False)
        return signed.token_id in self.refused

    async def end(self, user: User, session_ids: Sequence[uuid.UUID]) -> None:
        self._look("end", True)
        self.sessions = {cookie: one for cookie, one in self.sessions.items() if one.session_id not in session_ids}

    async def asked(self, cookie: str = COOKIE, *, by_person: bool = False) -> Session:
        return await self.book.session(cookie, "staff", is_active=by_person)

    def _look(self, what: str, is_active: bool) -> None:
        self.looks.append((what, is_active))
        if self.is_away:
            raise OutsideUnavailable("away")


@pytest.fixture
def table() -> Table:
    return Table()


async def test_a_session_is_looked_up_once_in_a_while_however_many_ask(table: Table) -> None:
    await asyncio.gather(*(table.asked() for _ in range(20)))
    await table.asked()
    assert len(table.looks) == 1
    table.now += FRESH_SECONDS
    await table.asked()
    assert len(table.looks) == 2


async def test_a_session_that_was_ended_elsewhere_opens_nothing_ten_seconds_later(table: Table) -> None:
    await table.asked()
    table.sessions.clear()
    table.now += FRESH_SECONDS - 0.1
    await table.asked()
    table.now += 0.2
    with pytest.raises(TokenRefused):
        await table.asked()
    assert FRESH_SECONDS == 10  # as docs/security.md and `darkroom session end` say


async def test_a_session_that_was_ended_here_opens_nothing_at_once(table: Table) -> None:
    mine, theirs = await table.asked(), await table.asked(OTHER)
    await table.book.end(mine, [theirs.session_id])
    with pytest.raises(TokenRefused):
        await table.asked(OTHER)
    await table.asked()


async def test_a_question_that_was_under_way_when_a_session_ended_is_not_remembered(table: Table) -> None:
    mine = table.sessions[COOKIE]
    asking = asyncio.create_task(table.asked())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert table.looks
    await table.book.end(mine, [mine.session_id])
    await asyncio.gather(asking, return_exceptions=True)
    with pytest.raises(TokenRefused):
        await table.asked()


async def test_while_postgres_is_away_nobody_is_signed_in_for_longer_than_that(table: Table) -> None:
    token = TOKENS.issue(USER.user_id, "", 1, "staff")
    await table.asked()
    await table.book.by_token(token, "staff")
    table.is_away = True
    await table.asked()  # still fresh
    await table.book.by_token(token, "staff")
    table.now += FRESH_SECONDS
    for _ in range(2):  # a failure is not remembered, and nothing is believed for its sake
        with pytest.raises(OutsideUnavailable):
            await table.asked()
        with pytest.raises(OutsideUnavailable):
            await table.book.by_token(token, "staff")
    table.is_away = False
    await table.asked()


async def test_an_end_that_failed_may_have_been_one(table: Table) -> None:
    mine = await table.asked()
    table.is_away = True
    with pytest.raises(OutsideUnavailable):
        await table.book.end(mine, [mine.session_id])
    table.is_away = False
    table.sessions.clear()
    with pytest.raises(TokenRefused):
        await table.asked()


async def test_a_token_that_was_signed_out_opens_nothing(table: Table) -> None:
    token, other = (TOKENS.issue(USER.user_id, "", 1, "staff") for _ in range(2))
    table.refused.add((await TOKENS.sign_in(token, "staff")).token_id)
    for _ in range(2):
        with pytest.raises(TokenRefused, match="signed out"):
            await table.book.by_token(token, "staff")
    assert (await table.book.by_token(other, "staff")).user.user_id == USER.user_id


async def test_what_a_person_does_is_noted_and_what_a_page_does_is_not(table: Table) -> None:
    table.sessions[COOKIE] = Session(uuid.uuid4(), USER, "", SOON, datetime.now(UTC) - NOTED_EVERY, SOON)
    await table.asked()
    await table.asked()
    assert table.looks == [(COOKIE, False)]
    await table.asked(by_person=True)
    assert table.looks[1:] == [(COOKIE, True)]


@pytest.mark.parametrize(
    "cookie", ["", "x", "a" * 42, "a" * 44, "é" * 43, f"{'a' * 42}.", "eyJhbGciOiJIUzI1NiJ9.e30.x"]
)
async def test_what_is_no_cookie_of_ours_is_not_looked_up(table: Table, cookie: str) -> None:
    with pytest.raises(TokenRefused):
        await table.asked(cookie)
    assert not table.looks


async def test_a_session_of_a_user_is_none_of_staff(table: Table) -> None:
    with pytest.raises(TokenRefused):
        await table.book.session(COOKIE, "user", is_active=True)


async def test_only_so_many_are_remembered_and_guesses_are_not(table: Table) -> None:
    await table.asked()
    for number in range(MOST + 1):
        with pytest.raises(TokenRefused):
            await table.asked(f"{number:043}")
    await table.asked()
    assert table.looks.count((COOKIE, False)) == 1
    for number in range(MOST):
        table.sessions[f"{number:043}"] = table.session()
        await table.asked(f"{number:043}")
    await table.asked()
    assert table.looks.count((COOKIE, False)) == 2


def asked_with(**headers: str) -> Request:
    return Request({"type": "http", "headers": [(name.replace("_", "-").encode(), value.encode("latin-1"))
                                                for name, value in headers.items()]})  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"accept": "text/html"}, True),
        ({"accept": "text/event-stream"}, False),
        ({"x_background": "yes"}, False),
    ],
)
def test_what_a_page_shows_by_itself_is_no_action(headers: dict[str, Any], expected: bool) -> None:
    assert is_active(asked_with(**headers)) is expected


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile MicroMessenger/8.0", "WeChat, Android"),
        ("curl/8.5.0", "curl"),
        ("", "?"),
        ("\x01\x02", "?"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_browser_is_told_in_words_by_which_its_owner_knows_it(agent: str, told: str) -> None:
    assert client_of(asked_with(user_agent=agent)) == told
