"""Sessions end by themselves, by their owner and by an operator; what began them is refused from then on."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.engine import create_engine
from adapters.db.sessions import MOST, NOTED_EVERY, Session, Sessions, hash_of
from adapters.identity.tokens import LEEWAY, SignIn
from domain.task_history.users import Role, User
from domain.vocabulary.errors import OutsideUnavailable, TokenRefused

HOUR, LONGEST, IDLE = timedelta(hours=1), timedelta(hours=12), timedelta(minutes=30)
CLIENT = "Firefox, Linux"


def signed(user_id: uuid.UUID | None = None, role: Role = "staff", lasts: timedelta = 24 * HOUR) -> SignIn:
    """A token that was issued a while ago."""
    now = datetime.now(UTC)
    user = User(user_id or uuid.uuid4(), role, "pro", "小王")
    return SignIn(user, now + lasts, now - timedelta(minutes=1), uuid.uuid4().hex)


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return Sessions(engine, longest=LONGEST, idle=IDLE)


async def ages(engine: AsyncEngine, cookie: str, **by: timedelta) -> None:
    """Let a session be as if so much time had passed since this."""
    async with engine.begin() as connection:
        for column, time in by.items():
            statement = f"UPDATE sessions SET {column} = {column} - CAST(:time AS interval) WHERE hash = :hash"
            await connection.execute(text(statement), {"time": time, "hash": hash_of(cookie)})


async def is_open(sessions: Sessions, cookie: str) -> bool:
    return await sessions.find(cookie, is_active=False) is not None


async def test_a_session_is_found_by_its_cookie_of_which_only_a_hash_is_kept(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    one = signed()
    cookie, begun = await sessions.begin(one, CLIENT)
    found = await sessions.find(cookie, is_active=False)
    assert found == begun
    assert (begun.user, begun.client) == (one.user, CLIENT)
    assert await sessions.find(cookie[:-1] + "x", is_active=False) is None
    async with engine.connect() as connection:
        kept = str((await connection.execute(text("SELECT s::text FROM sessions s"))).all())
    assert (cookie in kept, hash_of(cookie) in kept) == (False, True)


async def test_of_a_user_no_name_is_kept(sessions: Sessions) -> None:
    _, begun = await sessions.begin(signed(role="user"), CLIENT)
    assert (begun.user.name, begun.user.plan) == ("", "pro")


@pytest.mark.parametrize(("lasts", "expected"), [(24 * HOUR, LONGEST), (HOUR, HOUR)])
async def test_a_session_lasts_as_long_as_the_setting_and_its_token_allow(
    sessions: Sessions, engine: AsyncEngine, lasts: timedelta, expected: timedelta
) -> None:
    cookie, begun = await sessions.begin(signed(lasts=lasts), CLIENT)
    assert abs(begun.expires_at - begun.started_at - expected) < timedelta(minutes=5)
    await ages(engine, cookie, expires_at=expected - timedelta(minutes=5))
    assert await is_open(sessions, cookie)
    await ages(engine, cookie, expires_at=timedelta(minutes=6))
    assert not await is_open(sessions, cookie)


async def test_a_session_in_which_nothing_is_done_ends_and_a_page_that_only_looks_does_nothing(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    busy, idle = [(await sessions.begin(signed(), CLIENT))[0] for _ in range(2)]
    for _ in range(3):  # altogether longer than IDLE
        for cookie, is_active in ((busy, True), (idle, False)):
            await ages(engine, cookie, seen_at=IDLE / 2)
            await sessions.find(cookie, is_active=is_active)
    assert (await is_open(sessions, busy), await is_open(sessions, idle)) == (True, False)


async def test_what_is_done_is_noted_once_in_a_while(sessions: Sessions, engine: AsyncEngine) -> None:
    cookie, begun = await sessions.begin(signed(), CLIENT)

    async def seen() -> Any:
        found = await sessions.find(cookie, is_active=True)
        return found and found.seen_at

    assert await seen() == begun.seen_at
    await ages(engine, cookie, seen_at=NOTED_EVERY + timedelta(seconds=1))
    assert await seen() >= begun.seen_at


async def test_signing_in_anew_gives_another_cookie_and_ends_the_session_of_the_browser(sessions: Sessions) -> None:
    one = signed()
    first, _ = await sessions.begin(one, CLIENT)
    elsewhere, _ = await sessions.begin(one, CLIENT)
    second, _ = await sessions.begin(one, CLIENT, instead_of=first)
    assert len({first, second, elsewhere}) == 3
    assert [await is_open(sessions, cookie) for cookie in (first, second, elsewhere)] == [False, True, True]


async def test_signing_out_ends_the_session_and_the_token_that_began_it(sessions: Sessions) -> None:
    one, other = signed(), signed()
    cookie, begun = await sessions.begin(one, CLIENT)
    elsewhere, _ = await sessions.begin(other, CLIENT)
    for _ in range(2):  # again changes nothing
        await sessions.end(one.user, [begun.session_id])
    assert (await is_open(sessions, cookie), await is_open(sessions, elsewhere)) == (False, True)
    assert (await sessions.is_refused(one), await sessions.is_refused(other)) == (True, False)
    with pytest.raises(TokenRefused, match="signed out"):
        await sessions.begin(one, CLIENT)


async def test_nobody_ends_a_session_of_somebody_else_or_of_another_role(sessions: Sessions) -> None:
    user_id = uuid.uuid4()
    cookie, begun = await sessions.begin(signed(user_id), CLIENT)
    await sessions.end(User(uuid.uuid4(), "staff"), [begun.session_id])
    await sessions.end(User(user_id, "user"), [begun.session_id])
    assert await is_open(sessions, cookie)


async def test_a_person_sees_their_sessions_the_last_used_first(sessions: Sessions, engine: AsyncEngine) -> None:
    user_id = uuid.uuid4()
    cookies = [(await sessions.begin(signed(user_id), client))[0] for client in ("A", "B", "C")]
    await sessions.begin(signed(user_id, "user"), "of the task history")
    await sessions.begin(signed(), "of somebody else")
    await ages(engine, cookies[0], expires_at=LONGEST)
    await ages(engine, cookies[2], seen_at=timedelta(minutes=5))

    def clients(found: Any) -> list[str]:
        return [session.client for session in found]

    assert clients(await sessions.of(user_id, "staff")) == ["B", "C"]
    assert clients(await sessions.of(user_id)) == ["of the task history", "B", "C"]


async def test_a_person_has_so_many_sessions_and_the_least_used_makes_room(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    user_id = uuid.uuid4()
    cookies = []
    for age in range(MOST + 2):
        cookies.append((await sessions.begin(signed(user_id), CLIENT))[0])
        await ages(engine, cookies[-1], seen_at=timedelta(seconds=age))
    assert len(await sessions.of(user_id)) == MOST
    assert await is_open(sessions, cookies[-1])


async def test_an_operator_ends_all_of_a_person_and_their_tokens(sessions: Sessions) -> None:
    user_id = uuid.uuid4()
    theirs = [signed(user_id), signed(user_id, "user")]
    cookies = [(await sessions.begin(one, CLIENT))[0] for one in theirs]
    elsewhere, _ = await sessions.begin(signed(), CLIENT)
    count, until = await sessions.end_all(user_id)
    assert count == len(theirs)
    assert [await is_open(sessions, cookie) for cookie in (*cookies, elsewhere)] == [False, False, True]
    later = SignIn(theirs[0].user, until + HOUR, until + timedelta(microseconds=1), "later")
    same = SignIn(theirs[0].user, until + HOUR, until, "same")
    assert [await sessions.is_refused(one) for one in (*theirs, same, later)] == [True, True, True, False]
    assert until - datetime.now(UTC) <= LEEWAY  # so long a clock that is ahead may have issued tokens


async def test_an_operator_ends_everything_of_everybody(sessions: Sessions, engine: AsyncEngine) -> None:
    made = [signed(), signed(role="user")]
    cookies = [(await sessions.begin(one, CLIENT))[0] for one in made]
    await sessions.end_all(None)
    assert not any([await is_open(sessions, cookie) for cookie in cookies])
    assert all([await sessions.is_refused(one) for one in made])
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM token_revocations WHERE subject = 'everybody'"))


async def test_a_session_that_was_just_being_begun_when_all_were_ended_has_ended(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    one = signed()
    cookie, _ = await sessions.begin(one, CLIENT)
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM sessions WHERE hash = :h"), {"h": hash_of(cookie)})).one()
    await sessions.end_all(one.user.user_id)
    async with engine.begin() as connection:  # its transaction commits after the other
        names = ", ".join(row._fields)
        values = ", ".join(f":{name}" for name in row._fields)
        await connection.execute(text(f"INSERT INTO sessions ({names}) VALUES ({values})"), row._asdict())
    assert not await is_open(sessions, cookie)
    assert not await sessions.of(one.user.user_id)


async def test_sign_ins_at_the_same_time_do_not_hinder_each_other(sessions: Sessions) -> None:
    one = signed()
    begun: list[tuple[str, Session]] = await asyncio.gather(*(sessions.begin(one, CLIENT) for _ in range(10)))
    assert all([await is_open(sessions, cookie) for cookie, _ in begun])
    assert len(await sessions.of(one.user.user_id)) == len(begun)


async def test_without_postgres_nothing_is_said() -> None:
    dead_engine = create_engine("postgresql+asyncpg://darkroom@127.0.0.1:1/darkroom")
    sessions = Sessions(dead_engine, longest=LONGEST, idle=IDLE)
    for asked in (
        sessions.find("x", is_active=True),
        sessions.begin(signed(), CLIENT),
        sessions.end(signed().user, []),
        sessions.end_all(None),
        sessions.is_refused(signed()),
        sessions.of(uuid.uuid4()),
    ):
        with pytest.raises(OutsideUnavailable):
            await asked
