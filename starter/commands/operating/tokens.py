"""`darkroom token`: a token of an end user, for trying the task history."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import run
from starter.commands.screens import print_json

LONGEST_HOURS = 24 * 366


def issue_token(
    user: Annotated[str, typer.Option(metavar="UUID", help="Id of the user, as in `sub`.")],
    plan: Annotated[str, typer.Option(help="Name of a plan in PLANS; empty for DEFAULT_PLAN.")] = "",
    hours: Annotated[float, typer.Option(help="Hours until it expires.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Print a token with which a user may use /api/task-history and the page. Needs TOKEN_SECRET."""
    settings = Settings()
    user_id = _user_id(user)
    if plan and plan not in settings.plans:
        raise typer.BadParameter(f"no plan named {plan!r}; PLANS has: {', '.join(sorted(settings.plans))}")
    if not 0 < hours <= LONGEST_HOURS:
        raise typer.BadParameter(f"--hours must be more than 0 and at most {LONGEST_HOURS}")
    token = run(_issued(settings, user_id, plan, hours))
    if as_json:
        expires_at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")
        named = {"user_id": user_id, "plan": plan or settings.default_plan}
        print_json({"token": token, **named, "expires_at": expires_at})
    else:
        typer.echo(token)


async def _issued(settings: Settings, user_id: UUID, plan: str, hours: float) -> str:
    from runtime import wiring

    return wiring.tokens(settings).issue(user_id, plan, hours)


def _user_id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise typer.BadParameter(f"invalid user id {typed!r} (expected a UUID; `uuidgen` makes one)") from error
