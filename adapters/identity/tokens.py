"""Tokens of end users (JWT), verified as RFC 8725 asks and, for trying the task history, issued."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import jwt
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, PyJWTError

from adapters.identity.claims import expiry_of, issued_of, unique_object, user_of
from domain.task_history.users import Role, User
from domain.vocabulary.errors import OutsideRefused, TokenRefused

LONGEST = 4096  # characters
LONGEST_KID = 200  # characters
LEEWAY = timedelta(seconds=30)  # for clocks that differ
REQUIRED = ["iss", "aud", "exp", "nbf", "sub", "role"]
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})  # of `typ`, if it is given
SYMMETRIC = "HS256"
# PyJWT accepts padding, which the signature does not cover.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

FindKey = Callable[[str | None], Awaitable[Any]]


@dataclass(frozen=True)
class Trust:
    """What a token must say, and the only algorithm that may sign it."""

    algorithm: str
    issuer: str
    audience: str


@dataclass(frozen=True)
class SignIn:
    """A verified token: whose it is, since and until when, and an id by which it is known without being told."""

    user: User
    expires_at: datetime
    issued_at: datetime
    token_id: str


class Tokens:
    """Verifies tokens with one pinned algorithm, and issues them if they are signed with our own secret."""

    def __init__(self, trust: Trust, find_key: FindKey | None = None, secret: str = "") -> None:
        self._trust = trust
        self._find_key = find_key
        self._secret = secret
        self._parser = _StrictJWT()

    async def verify(self, token: str) -> User:
        """Return the user of a token. Raises TokenRefused, or OutsideUnavailable if its key cannot be fetched."""
        return (await self.sign_in(token)).user

    async def sign_in(self, token: str, role: Role = "user") -> SignIn:
        """Return the user of a token and its expiry. Raises TokenRefused, also for another role; OutsideUnavailable."""
        key = await self._key(_kid(token, self._trust.algorithm))
        try:
            claims = self._parser.decode(
                token,
                key,
                algorithms=[self._trust.algorithm],
                options={"require": REQUIRED},
                issuer=self._trust.issuer,
                audience=self._trust.audience,
                leeway=LEEWAY,
            )
        except ExpiredSignatureError as error:
            raise TokenRefused("the token has expired: sign in again") from error
        except ImmatureSignatureError as error:
            raise TokenRefused("the token is not valid yet") from error
        except (PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise TokenRefused(f"invalid token: {str(error)[:100]}") from error
        user, expires_at = user_of(claims, role), expiry_of(claims)
        return SignIn(user, expires_at, issued_of(claims), _id_of(token))

    def issue(self, user_id: UUID, plan: str, hours: float, role: Role = "user", name: str = "") -> str:
        """Return a new token. Raises OutsideRefused if an identity provider issues them, not we."""
        if not self._secret:
            raise OutsideRefused("your identity provider issues the tokens (TOKEN_JWKS_URL), or TOKEN_SECRET is empty")
        now = datetime.now(UTC)
        claims = {
            "iss": self._trust.issuer,
            "aud": self._trust.audience,
            "sub": str(user_id),
            "role": role,
            "plan": plan,
            **({"name": name} if name else {}),
            "jti": str(uuid4()),
            "iat": now.timestamp(),  # with its fraction: a revocation ends what was issued before it
            "nbf": now,
            "exp": now + timedelta(hours=hours),
        }
        return jwt.encode(claims, self._secret, algorithm=SYMMETRIC)

    async def _key(self, kid: str | None) -> Any:
        if self._find_key:
            return await self._find_key(kid)
        if not self._secret:
            raise TokenRefused("nobody can sign in: neither TOKEN_SECRET nor TOKEN_JWKS_URL is set")
        return self._secret


class _StrictJWT(jwt.PyJWT):
    """PyJWT, which refuses repeated members in the claims."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        return unique_object(decoded["payload"])


def _id_of(token: str) -> str:
    """Return the id of a verified token: of what is signed, since one signature can be written in several ways."""
    return sha256(token.rpartition(".")[0].encode()).hexdigest()


def _kid(token: str, algorithm: str) -> str | None:
    """Check the form and the header of a token, and return the id of its key. Raises TokenRefused.

    The header chooses a key among those of the algorithm, never the algorithm, nor where to get a key.
    """
    if not token:
        raise TokenRefused("missing token: send the user's token as `Authorization: Bearer TOKEN`")
    if len(token) > LONGEST or not _FORM.fullmatch(token):
        raise TokenRefused("not a token: expected three base64url parts (JWT), at most 4 KB")
    try:
        header = unique_object(_decoded(token.partition(".")[0]))
    except (ValueError, TypeError, RecursionError) as error:
        raise TokenRefused("the token's header is invalid") from error
    if header.get("alg") != algorithm:
        raise TokenRefused(f"the token must be signed by {algorithm}")
    if "crit" in header or "b64" in header or str(header.get("typ", "jwt")).lower() not in TYPES:
        raise TokenRefused("the token's header is invalid")
    kid = header.get("kid")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID):
        raise TokenRefused("the token's `kid` is invalid")
    return kid


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
