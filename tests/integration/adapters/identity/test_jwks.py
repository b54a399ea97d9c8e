"""The keys of an identity provider on a real server: they rotate, it goes away, and it answers anything."""

import asyncio
import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.identity import jwks
from adapters.identity.jwks import FRESH_SECONDS, PAUSE_SECONDS, STALE_SECONDS, SigningKeys, fetch_jwks
from adapters.identity.tokens import Tokens, Trust
from domain.vocabulary.errors import OutsideRefused, OutsideUnavailable, TokenRefused
from runtime import wiring
from runtime.settings import Settings
from starter.commands.operating import doctor
from tests.integration.gateway.serving import served
from tests.unit.adapters.identity.forging import AUDIENCE, ISSUER, ISSUERS, OTHER_RSA, RSA, USER, Issuer, hmac_with, jwk

BY = ISSUERS["RS256"]
ID = UUID(USER)
NEXT = Issuer("RS256", OTHER_RSA, OTHER_RSA.public_key())


@dataclass
class Provider:
    """An identity provider with a clock that the test turns."""

    keys: Any = field(default_factory=lambda: {"keys": [jwk("RS256", RSA.public_key(), "key-1")]})
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    now: float = 1000.0
    url: str = ""

    async def answer(self, _: Request) -> Response:
        self.asked += 1
        if self.body is not None:
            return Response(self.body, self.status, self.headers)
        return Response(json.dumps(self.keys), self.status, self.headers, media_type="application/json")

    def verifier(self, algorithm: str = "RS256") -> Tokens:
        keys = SigningKeys(partial(fetch_jwks, self.url), algorithm, clock=lambda: self.now)
        return Tokens(Trust(algorithm, ISSUER, AUDIENCE), keys.key)


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    with served(Starlette(routes=[Route("/jwks", provider.answer), Route("/moved", provider.answer)])) as url:
        provider.url = f"{url}/jwks"
        yield provider


async def test_keys_are_fetched_once_for_many_at_the_same_time(provider: Provider) -> None:
    tokens = provider.verifier()
    await asyncio.gather(*(tokens.verify(BY.token()) for _ in range(50)))
    assert provider.asked == 1
    provider.now += FRESH_SECONDS + 1
    await tokens.verify(BY.token())
    assert provider.asked == 2


async def test_a_new_key_is_taken_at_once_and_the_old_one_no_more(provider: Provider) -> None:
    tokens = provider.verifier()
    await tokens.verify(BY.token())
    provider.keys = {"keys": [jwk("RS256", OTHER_RSA.public_key(), "key-2")]}
    provider.now += PAUSE_SECONDS
    await tokens.verify(NEXT.token(header={"kid": "key-2"}))
    assert provider.asked == 2
    with pytest.raises(TokenRefused, match="unknown key"):
        await tokens.verify(BY.token())


async def test_a_withdrawn_key_ends_when_the_keys_are_no_longer_fresh(provider: Provider) -> None:
    tokens = provider.verifier()
    await tokens.verify(BY.token())
    provider.keys = {"keys": [jwk("RS256", OTHER_RSA.public_key(), "key-2")]}
    await tokens.verify(BY.token())
    provider.now += FRESH_SECONDS
    with pytest.raises(TokenRefused):
        await tokens.verify(BY.token())


async def test_made_up_keys_do_not_make_us_ask_for_each(provider: Provider) -> None:
    tokens = provider.verifier()
    await tokens.verify(BY.token())
    for number in range(100):
        provider.now += PAUSE_SECONDS / 50
        with pytest.raises(TokenRefused):
            await tokens.verify(BY.token(header={"kid": f"made-up-{number}"}))
    assert provider.asked <= 4


async def test_an_outage_is_bridged_for_a_while_and_no_longer(provider: Provider) -> None:
    tokens = provider.verifier()
    await tokens.verify(BY.token())
    provider.status = 503
    for _ in range(10):
        provider.now += (STALE_SECONDS - 100) / 10
        await tokens.verify(BY.token())
    with pytest.raises(TokenRefused):  # even an unknown key is no reason to doubt the known ones
        await tokens.verify(NEXT.token(header={"kid": "key-2"}))
    provider.now += 101
    with pytest.raises(OutsideUnavailable):
        await tokens.verify(BY.token())
    provider.status, provider.now = 200, provider.now + PAUSE_SECONDS
    await tokens.verify(BY.token())


async def test_a_provider_that_was_never_reached_is_not_asked_for_every_token() -> None:
    provider = Provider(url="http://127.0.0.1:1/jwks")
    tokens = provider.verifier()
    for _ in range(20):
        with pytest.raises(OutsideUnavailable):
            await tokens.verify(BY.token())


async def test_a_failed_fetch_is_repeated_only_after_a_pause(provider: Provider) -> None:
    tokens = provider.verifier()
    provider.status = 500
    for _ in range(20):
        with pytest.raises(OutsideUnavailable):
            await tokens.verify(BY.token())
    assert provider.asked == 1
    provider.status, provider.now = 200, provider.now + PAUSE_SECONDS
    await tokens.verify(BY.token())


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b'{"keys": [7, null, {}]}', b"[" * 100_000, b"\xff",
        b" " * 300_000,
    ],
)  # fmt: skip
async def test_what_holds_no_keys_is_an_outage_not_an_error(provider: Provider, body: bytes) -> None:
    tokens = provider.verifier()
    provider.body = body
    with pytest.raises(OutsideUnavailable):
        await tokens.verify(BY.token())


async def test_a_redirect_is_not_followed(provider: Provider) -> None:
    tokens = provider.verifier()
    provider.status, provider.headers = 302, {"location": provider.url.replace("/jwks", "/moved")}
    with pytest.raises(OutsideUnavailable):
        await tokens.verify(BY.token())
    assert provider.asked == 1


async def test_a_slow_provider_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.2)

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(never, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OutsideUnavailable):
            await fetch_jwks(f"http://127.0.0.1:{port}/jwks")


def _unfit() -> Iterator[Any]:
    sound = jwk("RS256", RSA.public_key(), "key-1")
    secret = base64.urlsafe_b64encode(b"s" * 40).rstrip(b"=").decode()
    yield pytest.param({"kty": "oct", "k": secret, "kid": "key-1", "alg": "HS256"}, id="a shared secret")
    yield pytest.param({"kty": "oct", "k": secret, "kid": "key-1", "alg": "RS256"}, id="a shared secret in disguise")
    yield pytest.param(sound | {"use": "enc"}, id="for encryption")
    yield pytest.param(sound | {"alg": "RS512"}, id="for another algorithm")
    yield pytest.param(sound | {"d": "AQAB"}, id="a private key")
    yield pytest.param(sound | {"n": "AQAB"}, id="no real key")
    yield pytest.param(jwk("ES256", ec.generate_private_key(ec.SECP256R1()).public_key(), "key-1"), id="another kind")
    small = rsa.generate_private_key(65537, 2048).public_key()
    yield pytest.param(jwk("RS256", small, "key-1"), id="too short")


@pytest.mark.parametrize("key", list(_unfit()))
async def test_an_unfit_key_signs_nothing(provider: Provider, key: dict[str, Any]) -> None:
    provider.keys = {"keys": [key]}
    with pytest.raises(OutsideUnavailable):
        await provider.verifier().verify(BY.token())
    provider.keys["keys"].append(jwk("RS256", OTHER_RSA.public_key(), "key-2"))
    tokens = provider.verifier()
    for token in (BY.token(), hmac_with(b"s" * 40, {"alg": "HS256", "kid": "key-1"}, {"sub": "x"})):
        with pytest.raises(TokenRefused):
            await tokens.verify(token)


async def test_how_long_an_rsa_key_must_be_is_a_setting(provider: Provider) -> None:
    key = rsa.generate_private_key(65537, 2048)
    provider.keys = {"keys": [jwk("RS256", key.public_key(), "key-1")]}
    said: dict[str, Any] = {"token_jwks_url": provider.url, "token_issuer": ISSUER, "token_audience": AUDIENCE}
    token = Issuer("RS256", key, key.public_key()).token()
    settings = Settings(_env_file=None, token_algorithm="RS256", **said)
    with pytest.raises(OutsideUnavailable, match=r"3072 bits \(TOKEN_RSA_BITS\)"):
        await wiring.tokens(settings).verify(token)
    assert await wiring.tokens(settings.model_copy(update={"token_rsa_bits": 2048})).verify(token)


async def test_a_token_that_names_no_key_is_signed_by_the_only_one(provider: Provider) -> None:
    assert await provider.verifier().verify(BY.token(header={"kid": ...}))
    provider.keys["keys"].append(jwk("RS256", OTHER_RSA.public_key(), "key-2"))
    with pytest.raises(TokenRefused):
        await provider.verifier().verify(BY.token(header={"kid": ...}))


async def test_es256_keys_are_of_the_right_curve(provider: Provider) -> None:
    by = ISSUERS["ES256"]
    wrong = ec.generate_private_key(ec.SECP384R1()).public_key()
    provider.keys = {"keys": [jwk("ES384", wrong, "x") | {"alg": "ES256"}, jwk("ES256", by.public, "key-1")]}
    assert await provider.verifier("ES256").verify(by.token())


async def test_the_settings_of_a_provider_lead_to_its_keys(provider: Provider) -> None:
    said: dict[str, Any] = {"token_jwks_url": provider.url, "token_issuer": ISSUER, "token_audience": AUDIENCE}
    settings = Settings(_env_file=None, token_algorithm="RS256", **said)
    tokens = wiring.tokens(settings)
    assert await tokens.verify(BY.token())
    with pytest.raises(TokenRefused, match="signed by RS256"):  # the public development secret opens nothing
        await tokens.verify(wiring.tokens(Settings(_env_file=None, **said | {"token_jwks_url": None})).issue(ID, "", 1))
    with pytest.raises(OutsideRefused, match="identity provider"):
        tokens.issue(ID, "pro", 1)


async def test_the_doctor_looks_for_the_keys(provider: Provider) -> None:
    settings = Settings(_env_file=None, token_algorithm="RS256", token_jwks_url=provider.url)
    assert await doctor._look(doctor.CHECKS["sign-in of users"], settings) == (
        True, f"1 RS256 keys at {provider.url}", "",
    )  # fmt: skip
    provider.keys = {"keys": []}
    well, state, fix = await doctor._look(doctor.CHECKS["sign-in of users"], settings)
    assert (well, "no public key for RS256" in state, "TOKEN_JWKS_URL" in fix) == (False, True, True)
