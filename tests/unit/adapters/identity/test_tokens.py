"""Tokens are taken from those who may sign them, for us, in their time; nothing that was tampered with is."""

import base64
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.identity.tokens import Tokens, Trust
from domain.vocabulary.errors import OutsideRefused, TokenRefused
from tests.unit.adapters.identity.forging import (
    AUDIENCE,
    ISSUER,
    ISSUERS,
    MUTATIONS,
    SECRET,
    USER,
    Issuer,
    claims,
    mutated,
)

EACH = 3_400  # of three algorithms: 10,200 in all


@pytest.fixture(params=ISSUERS)
def issuer(request: pytest.FixtureRequest) -> Issuer:
    return ISSUERS[request.param]


async def test_no_mutated_token_is_accepted(issuer: Issuer) -> None:
    tokens, seed, tried = issuer.verifier(), random.randrange(2**32), Counter[str]()
    print(f"seed {seed}")
    for name, token in mutated(issuer, random.Random(seed), EACH):
        tried[name] += 1
        try:
            user = await tokens.verify(token)
        except TokenRefused:
            continue
        pytest.fail(f"seed {seed}: {name} signed in as {user}: {token}")
    assert len(tried) == len(MUTATIONS)
    assert tried.total() == EACH


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"aud": ["another", AUDIENCE]},
        {"plan": ...},
        {"plan": "unheard of"},
        {"iat": ...},
        {"exp": int(time.time()) + 10**8 + 0.5},
        {"sub": USER.upper()},
        {"name": "王", "email": "wang@example.com", "exp": int(time.time()) + 10**8},
    ],
)
async def test_a_sound_token_names_its_user(issuer: Issuer, said: dict[str, object]) -> None:
    user = await issuer.verifier().verify(issuer.token(claims(**said)))
    assert (user.user_id, user.role) == (UUID(USER), "user")


@pytest.mark.parametrize("header", [{}, {"typ": "at+jwt"}, {"typ": "jwt"}, {"x5t": "AAAA"}])
async def test_a_header_may_say_what_changes_nothing(issuer: Issuer, header: dict[str, object]) -> None:
    assert await issuer.verifier().verify(issuer.token(header=header))


async def test_clocks_may_differ_by_half_a_minute(issuer: Issuer) -> None:
    now = int(time.time())
    for said in ({"exp": now - 20}, {"nbf": now + 20}):
        assert await issuer.verifier().verify(issuer.token(claims(**said)))
    for said in ({"exp": now - 40}, {"nbf": now + 40}):
        with pytest.raises(TokenRefused):
            await issuer.verifier().verify(issuer.token(claims(**said)))


async def test_a_refusal_says_what_to_do_and_nothing_of_the_key() -> None:
    tokens = ISSUERS["HS256"].verifier()
    for token, told in {
        ISSUERS["HS256"].token(claims(exp=1)): "expired: sign in again",
        ISSUERS["RS256"].token(): "must be signed by HS256",
        ISSUERS["HS256"].token(claims(role="staff")): "`role` must be `user`",
        ISSUERS["HS256"].token(claims(sub="wang")): "`sub` must be a UUID",
        "": "missing token",
        "x.y": "not a token",
    }.items():
        with pytest.raises(TokenRefused) as refused:
            await tokens.verify(token)
        assert told in str(refused.value)
        assert SECRET not in str(refused.value)


async def test_a_token_of_ours_is_valid_for_its_hours() -> None:
    tokens = Tokens(Trust("HS256", ISSUER, AUDIENCE), secret=SECRET)
    signed_in = await tokens.sign_in(tokens.issue(UUID(USER), "pro", 2))
    assert signed_in.user.plan == "pro"
    assert abs(signed_in.expires_at - datetime.now(UTC) - timedelta(hours=2)) < timedelta(seconds=5)
    with pytest.raises(TokenRefused, match="expired"):
        await tokens.verify(tokens.issue(UUID(USER), "pro", -2))


async def test_a_token_is_known_by_what_is_signed_since_a_signature_can_be_written_in_several_ways() -> None:
    issuer, order = ISSUERS["ES256"], 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    token, other = issuer.token(), issuer.token(claims(plan="free"))
    said, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    alike = base64.urlsafe_b64encode(r.to_bytes(32) + (order - s).to_bytes(32)).decode().rstrip("=")
    first, same, another = [await issuer.verifier().sign_in(one) for one in (token, f"{said}.{alike}", other)]
    assert alike != signature
    assert first.token_id == same.token_id != another.token_id


@pytest.mark.parametrize(
    ("said", "expected"), [({"iat": 1_000.5, "nbf": 500}, 1_000.5), ({"iat": ..., "nbf": 500}, 500)]
)
async def test_a_token_says_when_it_was_issued(issuer: Issuer, said: dict[str, object], expected: float) -> None:
    assert (await issuer.verifier().sign_in(issuer.token(claims(**said)))).issued_at.timestamp() == expected


async def test_each_token_of_ours_is_one_of_its_own_and_says_when_to_the_moment() -> None:
    tokens, before = Tokens(Trust("HS256", ISSUER, AUDIENCE), secret=SECRET), datetime.now(UTC)
    first, second = [await tokens.sign_in(tokens.issue(UUID(USER), "", 1)) for _ in range(2)]
    assert first.token_id != second.token_id
    assert before - timedelta(milliseconds=1) <= first.issued_at <= datetime.now(UTC)


async def test_without_a_secret_nobody_signs_in_and_nothing_is_issued() -> None:
    tokens = Tokens(Trust("HS256", ISSUER, AUDIENCE))
    with pytest.raises(TokenRefused, match="nobody can sign in"):
        await tokens.verify(ISSUERS["HS256"].token())
    with pytest.raises(OutsideRefused, match="TOKEN_SECRET is empty"):
        tokens.issue(UUID(USER), "pro", 1)
