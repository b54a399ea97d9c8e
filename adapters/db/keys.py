"""API keys of the gateway: creation, lookup and revocation. Only hashes are stored."""

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.db.engine import outages
from adapters.db.models import ApiKeyRow
from adapters.db.projection import Row

# The id identifies the row, the rest is the secret: 32 random bytes (24 in a key derived by the local stack).
_KEY = re.compile(r"dk_([0-9a-f]{16})_[A-Za-z0-9_-]{32,64}")


class NameTaken(ValueError):
    """The name is taken by another key, which may be revoked."""


@dataclass(frozen=True)
class ApiKey:
    """A caller of the gateway."""

    key_id: str
    name: str
    hash: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None

    def fits(self, key: str) -> bool:
        """Whether this is the key and it is not revoked; compares in constant time."""
        return hmac.compare_digest(self.hash, hash_of(key)) and self.revoked_at is None


def new_key() -> str:
    """Return a fresh key, `dk_<id>_<secret>`."""
    return f"dk_{secrets.token_hex(8)}_{secrets.token_urlsafe(32)}"


def id_of(key: str) -> str | None:
    """Return the public part of a key; None for an invalid key."""
    match = _KEY.fullmatch(key)
    return match.group(1) if match else None


def hash_of(key: str) -> str:
    """Return the hash of a key; a fast hash is enough, as 2^192 keys cannot be tried."""
    return sha256(key.encode()).hexdigest()


class ApiKeys:
    """The table of API keys. Each method raises OutsideUnavailable if Postgres is unavailable."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, key: str, name: str, scopes: Collection[str]) -> None:
        """Add a key. Idempotent for the same key and name. Raises NameTaken."""
        row = {"key_id": id_of(key), "name": name, "hash": hash_of(key), "scopes": sorted(scopes)}
        with outages():
            async with self._engine.begin() as connection:
                added = await connection.execute(
                    insert(ApiKeyRow).values(row).on_conflict_do_nothing().returning(ApiKeyRow.key_id)
                )
                if added.first() is None and not await _is_there(connection, row):
                    raise NameTaken(f"a key named {name!r} already exists; choose another name")

    async def find(self, key_id: str) -> ApiKey | None:
        """Return the key with this id."""
        found = await self._select(select(*ApiKeyRow.__table__.columns).where(ApiKeyRow.key_id == key_id))
        return found[0] if found else None

    async def listing(self) -> list[ApiKey]:
        """Return all keys, revoked ones too, oldest first."""
        return await self._select(select(*ApiKeyRow.__table__.columns).order_by(ApiKeyRow.created_at))

    async def revoke(self, name: str) -> bool:
        """Revoke a key; return whether an active key has this name."""
        is_open = (ApiKeyRow.name == name) & ApiKeyRow.revoked_at.is_(None)
        revoked = update(ApiKeyRow).where(is_open).values(revoked_at=func.now()).returning(ApiKeyRow.key_id)
        with outages():
            async with self._engine.begin() as connection:
                return (await connection.execute(revoked)).first() is not None

    async def _select(self, statement: Select[Any]) -> list[ApiKey]:
        with outages():
            async with self._engine.connect() as connection:
                return [_key(row) for row in (await connection.execute(statement)).mappings()]


async def _is_there(connection: AsyncConnection, row: Row) -> bool:
    same = (ApiKeyRow.name == row["name"]) & (ApiKeyRow.hash == row["hash"])
    return (await connection.execute(select(ApiKeyRow.key_id).where(same))).first() is not None


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(row["scopes"])})
