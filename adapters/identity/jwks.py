"""The public keys of an identity provider (JWKS, RFC 7517): fetched, cached, and replaced when they rotate."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from domain.vocabulary.errors import OutsideUnavailable, TokenRefused

FETCH_SECONDS = 5.0
MOST_BYTES = 256 * 1024
MOST_KEYS = 50
FRESH_SECONDS = 600.0  # until a withdrawn key stops working
STALE_SECONDS = 3600.0  # known keys stay valid during an outage of the provider
PAUSE_SECONDS = 20.0  # between fetches that an unknown key or a failure causes: tokens are anybody's to make up
KINDS = {"RS256": "RSA", "ES256": "EC"}
PRIVATE = frozenset({"d", "p", "q", "k"})  # members that only private or shared keys have
SHORTEST_RSA = 3072  # bits: as strong as ES256

Fetch = Callable[[], Awaitable[Any]]
Keys = Mapping[str, PyJWK]


async def fetch_jwks(url: str) -> Any:
    """Return the JSON at a URL. Raises OutsideUnavailable. Redirects are not followed: only this URL is trusted."""
    try:
        async with (
            asyncio.timeout(FETCH_SECONDS),
            httpx.AsyncClient(trust_env=False) as client,
            client.stream("GET", url, headers={"accept": "application/json"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise OutsideUnavailable(f"the identity provider answered {response.status_code}")
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise OutsideUnavailable(f"the identity provider's keys exceed {MOST_BYTES} bytes")
        return json.loads(data)
    except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as error:
        raise OutsideUnavailable(f"the identity provider's keys cannot be read: {repr(error)[:200]}") from error


class SigningKeys:
    """The keys that may sign tokens by one algorithm. Concurrent callers share one fetch."""

    def __init__(
        self,
        fetch: Fetch,
        algorithm: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        shortest_rsa: int = SHORTEST_RSA,
    ) -> None:
        """Take what fetches the keys, and how many bits an RSA key must have."""
        self._fetch = fetch
        self._algorithm = algorithm
        self._shortest_rsa = shortest_rsa
        self._clock = clock
        self._keys: Keys = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._turn = asyncio.Lock()

    async def key(self, kid: str | None) -> PyJWK:
        """Return the key with this id; without one, the only key. Raises TokenRefused, OutsideUnavailable."""
        if not self._is_fresh() or self._chosen(kid) is None:
            await self._renew(kid)
        found = self._chosen(kid)
        if found is None:
            raise TokenRefused("the token was signed with an unknown key")
        return found

    def _chosen(self, kid: str | None) -> PyJWK | None:
        if kid is not None:
            return self._keys.get(kid)
        return next(iter(self._keys.values())) if len(self._keys) == 1 else None

    def _is_fresh(self) -> bool:
        return self._clock() - self._fetched_at < FRESH_SECONDS

    def _is_usable(self) -> bool:
        return self._clock() - self._fetched_at < STALE_SECONDS

    async def _renew(self, kid: str | None) -> None:
        """Fetch the keys, at most once in PAUSE_SECONDS. Raises OutsideUnavailable if none may be used any more."""
        async with self._turn:
            if self._is_fresh() and self._chosen(kid) is not None:
                return  # somebody else's fetch has brought it
            if self._clock() - self._tried_at >= PAUSE_SECONDS:
                self._tried_at = self._clock()
                try:
                    self._keys = usable_keys(await self._fetch(), self._algorithm, self._shortest_rsa)
                    self._fetched_at = self._clock()
                except OutsideUnavailable:
                    if not self._is_usable():
                        raise
            if not self._is_usable():
                raise OutsideUnavailable("the identity provider's keys have not been fetched")


def usable_keys(document: Any, algorithm: str, shortest_rsa: int = SHORTEST_RSA) -> Keys:
    """Return the public keys of a JWKS document that fit the algorithm, by id. Raises OutsideUnavailable if none do."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, PyJWK] = {}
    for entry in (entries if isinstance(entries, list) else [])[:MOST_KEYS]:
        if isinstance(entry, dict) and (key := _usable(entry, algorithm, shortest_rsa)):
            keys[str(entry.get("kid", ""))] = key
    if not keys:
        long = f" of at least {shortest_rsa} bits (TOKEN_RSA_BITS)" if KINDS[algorithm] == "RSA" else ""
        raise OutsideUnavailable(f"the identity provider has no public key for {algorithm}{long}")
    return keys


def _usable(entry: Mapping[str, Any], algorithm: str, shortest_rsa: int) -> PyJWK | None:
    """Return a key if it is public, strong enough, and meant for signatures by this algorithm."""
    fits = (
        entry.get("kty") == KINDS[algorithm]
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", algorithm) == algorithm
        and not PRIVATE & set(entry)
        and isinstance(entry.get("kid", ""), str)
    )
    if not fits:
        return None
    try:
        key = PyJWK(dict(entry), algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
    return key if KINDS[algorithm] != "RSA" or key.key.key_size >= shortest_rsa else None
