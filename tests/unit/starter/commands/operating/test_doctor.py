"""What the doctor finds out."""

import asyncio
from functools import partial

import httpx
import pytest

from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable
from runtime.settings import Settings
from starter.commands.operating import doctor
from tests.unit.runtime.test_production import SHOP

SETTINGS = Settings.model_construct(tuhui_url=None, tuhui_api_key=None)


class FakeDispatch:
    """Answers who is online, or fails."""

    def __init__(self, answer: list[str] | Exception | None) -> None:
        self._answer = answer

    async def online(self) -> list[str]:
        if isinstance(self._answer, Exception):
            raise self._answer
        if self._answer is None:
            await asyncio.sleep(60)
        return self._answer or []


async def look(monkeypatch: pytest.MonkeyPatch, answer: list[str] | Exception | None) -> tuple[bool, str, str]:
    monkeypatch.setattr("runtime.wiring.dispatch", lambda settings, client: FakeDispatch(answer))
    return await doctor._look(doctor.CHECKS["designers"], SETTINGS)


async def test_without_a_dispatch_system_all_is_well_and_it_says_what_is_done_instead() -> None:
    well, state, _ = await doctor._look(doctor.CHECKS["designers"], SETTINGS)
    assert well
    assert state.startswith("manual: staff are notified")
    assert "set TUHUI_URL" in state


@pytest.mark.parametrize(("online", "state"), [(["橘子", "婷婷"], "online: 橘子, 婷婷"), ([], "no designer is online")])
async def test_it_says_who_is_online(monkeypatch: pytest.MonkeyPatch, online: list[str], state: str) -> None:
    assert await look(monkeypatch, online) == (True, state, "")


@pytest.mark.parametrize(
    ("trouble", "fix"),
    [(OutsideRefused("no"), "TUHUI_URL and TUHUI_API_KEY"), (OutsideUnavailable("no"), "Tuhui is running")],
)
async def test_trouble_has_its_remedy(monkeypatch: pytest.MonkeyPatch, trouble: Exception, fix: str) -> None:
    well, state, what_to_do = await look(monkeypatch, trouble)
    assert (well, state) == (False, "no")
    assert fix in what_to_do


async def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.commands.operating.doctor.TIMEOUT_SECONDS", 3)
    well, state, _ = await look(monkeypatch, None)
    assert (well, state) == (False, "Tuhui does not answer")


class AwayFiles:
    """Storage that is away, in the words of its library."""

    async def find(self, _: str) -> str:
        raise OutsideUnavailable("storage is away: Generic S3 error: Error performing list request: Error performing")


def _is_away(*_: object, **__: object) -> None:
    raise ConnectionRefusedError(111, "Connection refused")


async def _is_not_there(*_: object, **__: object) -> httpx.Response:
    raise httpx.ConnectError("All connection attempts failed")


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ("storage", "no storage answers at http://files.example:9000"),
        ("mail server", "no mail server answers at mail.example:25"),
        ("chat bot", "no chat bot answers at http://bot.example"),
        ("gateway", "no gateway answers at http://shop.example"),
    ],
)
async def test_who_is_away_is_named_with_the_address(monkeypatch: pytest.MonkeyPatch, what: str, state: str) -> None:
    monkeypatch.setattr("runtime.wiring.files", lambda _: AwayFiles())
    monkeypatch.setattr("starter.commands.operating.doctor._connect", _is_away)
    monkeypatch.setattr("httpx.AsyncClient.get", _is_not_there)
    settings = Settings.model_construct(
        s3_endpoint_url="http://files.example:9000", smtp_host="mail.example", smtp_port=25,
        bot_url="http://bot.example", gateway_url="http://shop.example", environment="development",
    )  # fmt: skip
    assert (await doctor._look(doctor.CHECKS[what], settings))[:2] == (False, state)


async def test_behind_a_proxy_that_closes_readyz_the_gateway_is_well_if_it_answers_at_all() -> None:
    found = dict.fromkeys(["/openapi.json"], 200)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(found.get(request.url.path, 404))

    client = partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
    settings = Settings.model_construct(gateway_url="https://orders.shop.example", environment="production")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(httpx, "AsyncClient", client)
        well, state, _ = await doctor._look(doctor.CHECKS["gateway"], settings)
        assert (well, "is not public" in state) == (True, True)
        found.clear()
        assert await doctor._look(doctor.CHECKS["gateway"], settings) == (
            False,
            "answers 404",
            "see https://orders.shop.example/readyz",
        )


async def test_cautions_are_told_and_are_no_ailment() -> None:
    settings = Settings(_env_file=None, **SHOP | {"link_secret": "short-but-not-public"})
    well, state, _ = await doctor._look(doctor.CHECKS["production"], settings)
    assert (well, "LINK_SECRET is short" in state) == (True, True)
