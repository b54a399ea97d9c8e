"""`darkroom token`: a token of an end user, for trying the task history, or of a staff member."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer

from domain.task_history.users import Role
from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import run
from starter.commands.screens import print_json

LONGEST_HOURS = 24 * 366


def issue_token(
    user: Annotated[str, typer.Option(metavar="UUID", help="Id of the user, as in `sub`.")],
    plan: Annotated[str, typer.Option(help="Name of a plan in PLANS; empty for DEFAULT_PLAN.")] = "",
    role: Annotated[
        Role, typer.Option(help="user: the task history. staff: the board, and the codec for the Temporal Web UI.")
    ] = "user",
    name: Annotated[str, typer.Option(help="Name that others see, on the board and in audit trails.")] = "",
    hours: Annotated[float, typer.Option(help="Hours until it expires.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Print a token of an end user for /api/task-history and the page, or of a staff member. Needs TOKEN_SECRET."""
    settings = Settings()
    user_id = user_id_of(user)
    if plan and plan not in settings.plans:
        raise typer.BadParameter(f"no plan named {plan!r}; PLANS has: {', '.join(sorted(settings.plans))}")
    if not 0 < hours <= LONGEST_HOURS:
        raise typer.BadParameter(f"--hours must be more than 0 and at most {LONGEST_HOURS}")
    token = run(_issued(settings, user_id, plan, hours, role, name))
    if as_json:
        expires_at = (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")
        named = {"user_id": user_id, "role": role, "plan": plan or settings.default_plan}
        print_json({"token": token, **named, "expires_at": expires_at})
    else:
        typer.echo(token)


async def _issued(settings: Settings, user_id: UUID, plan: str, hours: float, role: Role, name: str) -> str:
    from runtime import wiring

    return wiring.tokens(settings).issue(user_id, plan, hours, role, name)


def user_id_of(typed: str) -> UUID:
    """Return the id of a user. Raises typer.BadParameter."""
    try:
        return UUID(typed)
    except ValueError as error:
        raise typer.BadParameter(f"invalid user id {typed!r} (expected a UUID; `uuidgen` makes one)") from error
