"""`darkroom session`: where a person is signed in, and ending it."""

import uuid
from datetime import UTC, datetime, timedelta

from adapters.identity.tokens import SignIn
from domain.task_history.users import User
from runtime import wiring
from starter.commands.cli_context import FAILED, WRONG_USAGE
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop


async def begun(shop: RealShop, user_id: uuid.UUID, client: str) -> str:
    engine, now = wiring.engine(shop.settings), datetime.now(UTC)
    signed = SignIn(User(user_id, "staff", "", "小王"), now + timedelta(hours=1), now, uuid.uuid4().hex)
    cookie, _ = await wiring.sessions(shop.settings, engine).begin(signed, client)
    await engine.dispose()
    return cookie


async def open_of(shop: RealShop, *cookies: str) -> list[bool]:
    engine = wiring.engine(shop.settings)
    sessions = wiring.sessions(shop.settings, engine)
    found = [await sessions.find(cookie, is_active=False) is not None for cookie in cookies]
    await engine.dispose()
    return found


async def test_the_sessions_of_a_person_are_listed_and_ended(real_shop: RealShop) -> None:
    wang, li = uuid.uuid4(), uuid.uuid4()
    first, second = await begun(real_shop, wang, "Firefox, Linux"), await begun(real_shop, wang, "Safari, iPhone")
    other = await begun(real_shop, li, "Chrome, Windows")

    listed = (await darkroom(real_shop, "session", "list", "--user", str(wang))).out
    assert ["Firefox, Linux" in listed, "Safari, iPhone" in listed, "Chrome" in listed] == [True, True, False]
    told = (await darkroom(real_shop, "session", "list", "--user", str(wang), "--json")).json
    assert [(one["client"], one["role"]) for one in told] == [("Safari, iPhone", "staff"), ("Firefox, Linux", "staff")]
    assert first not in str(told)

    ended = await darkroom(real_shop, "session", "end", "--user", str(wang))
    assert (ended.status, ended.out.startswith("2 sessions ended")) == (0, True), ended.err
    assert await open_of(real_shop, first, second, other) == [False, False, True]
    assert "signed in nowhere" in (await darkroom(real_shop, "session", "list", "--user", str(wang))).out

    asked = await darkroom(real_shop, "session", "end", "--all")  # nobody is there to answer
    assert (asked.status, await open_of(real_shop, other)) == (FAILED, [True])
    everybody = await darkroom(real_shop, "session", "end", "--all", "--yes", "--json")
    assert (everybody.status, everybody.json["ended"]) == (0, 1)
    assert await open_of(real_shop, other) == [False]


async def test_wrong_options_are_told_with_what_to_do(real_shop: RealShop) -> None:
    for options in ([], ["--user", str(uuid.uuid4()), "--all"]):
        refused = await darkroom(real_shop, "session", "end", *options)
        assert (refused.status, "--user UUID" in refused.err) == (WRONG_USAGE, True)
    for command in ("list", "end"):
        refused = await darkroom(real_shop, "session", command, "--user", "wang")
        assert (refused.status, "expected a UUID" in refused.err) == (WRONG_USAGE, True)
