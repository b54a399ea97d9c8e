"""`darkroom session ...`: where a person is signed in, and ending it at once."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import run
from starter.commands.operating.records import with_engine
from starter.commands.operating.tokens import user_id_of
from starter.commands.screens import print_json
from starter.commands.tables import print_table

if TYPE_CHECKING:
    from adapters.db.sessions import Sessions

T = TypeVar("T")
WHO = "Id of the user or staff member, as in `sub` of their token."
app = typer.Typer(
    no_args_is_help=True, help="Where users and staff are signed in, and ending it.", rich_markup_mode="markdown"
)


@app.command("list", epilog="Example: darkroom session list --user 7d0b3c52-8a4e-4f7e-9d0e-2f9f4b1c6a55")
def list_sessions(user: Annotated[str, typer.Option(metavar="UUID", help=WHO)], as_json: AsJson = False) -> None:
    """List the browsers in which a user or staff member is signed in, the last used first."""
    user_id = user_id_of(user)
    found = run(_with_sessions(lambda sessions: sessions.of(user_id)))
    if as_json:
        shown = ("session_id", "client", "started_at", "seen_at", "expires_at")
        print_json([{"role": one.user.role, **{name: getattr(one, name) for name in shown}} for one in found])
    elif not found:
        typer.echo("signed in nowhere")
    else:
        rows = [
            (one.user.role, one.client, *(f"{at:%Y-%m-%d %H:%M} UTC" for at in (one.started_at, one.seen_at)))
            for one in found
        ]
        print_table(("role", "browser", "since", "last used"), rows)


@app.command("end", epilog="Example: darkroom session end --user 7d0b3c52-8a4e-4f7e-9d0e-2f9f4b1c6a55")
def end_sessions(
    user: Annotated[str | None, typer.Option(metavar="UUID", help=WHO)] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All users and all staff instead.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before --all.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign a person out everywhere, and refuse every token that they have (takes effect within 10 s).

    Whoever can get a new token signs in again: withdraw the account at your identity provider first.
    """
    if (user is None) is not everybody:
        raise typer.BadParameter("name one person with --user UUID, or all with --all")
    user_id = user_id_of(user) if user is not None else None
    if everybody and not yes and not typer.confirm("Sign all users and all staff out?"):
        raise typer.Exit(1)
    count, until = run(_with_sessions(lambda sessions: sessions.end_all(user_id)))
    if as_json:
        print_json({"ended": count, "tokens_refused_until": until})
    else:
        typer.echo(f"{count} sessions ended; tokens that were issued until {until:%H:%M:%S} UTC are refused")


async def _with_sessions(work: "Callable[[Sessions], Awaitable[T]]") -> T:
    """Run some work on the sessions, and return its result."""
    from runtime import wiring

    return await with_engine(lambda engine: work(wiring.sessions(Settings(), engine)))
