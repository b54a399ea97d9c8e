"""The claims of a token: strictly parsed, each member once, with the user they name."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.task_history.users import Role, User
from domain.vocabulary.errors import TokenRefused

LONGEST_PLAN = 100  # characters
LONGEST_NAME = 50  # characters
LAST_SECOND = 253_402_300_799  # of the year 9999


def unique_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in some bytes. Raises ValueError if a member is repeated, as parsers differ on these."""
    value = json.loads(data, object_pairs_hook=_unique, parse_constant=_refused)
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    return value


def user_of(claims: dict[str, Any], role: Role = "user") -> User:
    """Return the user of this role that verified claims name. Raises TokenRefused."""
    subject, plan = claims.get("sub"), claims.get("plan", "")
    if claims.get("role") != role:
        raise TokenRefused(f"the token's `role` must be `{role}`")
    if not isinstance(plan, str) or len(plan) > LONGEST_PLAN:
        raise TokenRefused("the token's `plan` must be the name of a plan")
    name = claims.get("name", "")
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not (name.isprintable() and name == name.strip()):
        raise TokenRefused(f"the token's `name` must be a printable name of at most {LONGEST_NAME} characters")
    return User(_uuid(subject), role, plan, name)


def expiry_of(claims: dict[str, Any]) -> datetime:
    """Return when verified claims expire. Raises TokenRefused for times that are not plain numbers of seconds."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST_SECOND:
            raise TokenRefused(f"the token's `{name}` must be a time in seconds since 1970")
    return datetime.fromtimestamp(claims["exp"], UTC)


def issued_of(claims: dict[str, Any]) -> datetime:
    """Return when claims that `expiry_of` has checked were issued; when they became valid if they do not say so."""
    return datetime.fromtimestamp(claims.get("iat", claims["nbf"]), UTC)


def _uuid(subject: Any) -> UUID:
    try:
        user_id = UUID(subject) if isinstance(subject, str) else None
    except ValueError:
        user_id = None
    if user_id is None or str(user_id) != subject.lower():
        raise TokenRefused("the token's `sub` must be a UUID such as 0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
    return user_id


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a member is repeated")
    return dict(pairs)


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
