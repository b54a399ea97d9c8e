"""`darkroom key ...`: API keys of the gateway."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from starter.commands.arguments import AsJson
from starter.commands.cli_context import run
from starter.commands.operating.records import with_engine
from starter.commands.screens import print_json

if TYPE_CHECKING:
    from adapters.db.keys import ApiKeys

T = TypeVar("T")
KeyScope = Literal["bot", "agent"]
app = typer.Typer(no_args_is_help=True, help="API keys of the gateway.", rich_markup_mode="markdown")


@app.command("new", epilog="Example: darkroom key new shop-bot, or darkroom key new tianwang --scope agent")
def new_key(
    name: Annotated[str, typer.Argument(help="Name of the caller, e.g. shop-bot.")],
    scope: Annotated[
        KeyScope, typer.Option(help="bot: everything. agent: only what it started itself. See docs/api.md.")
    ] = "bot",
) -> None:
    """Create an API key and print it. It cannot be shown again."""
    from adapters.db.keys import new_key

    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("NAME must be printable text that names the caller, e.g. shop-bot")
    key = new_key()
    run(_with_keys(lambda table: table.add(key, name, [scope])))
    typer.echo(key)
    typer.echo("Save it now: only its hash is stored.", err=True)


@app.command("list", epilog="Example: darkroom key list --json")
def list_keys(as_json: AsJson = False) -> None:
    """List API keys with name, scope, creation date and revocation."""
    found = run(_with_keys(lambda table: table.listing()))
    if as_json:
        shown = ("name", "key_id", "created_at", "revoked_at")
        print_json([{**{name: getattr(key, name) for name in shown}, "scopes": sorted(key.scopes)} for key in found])
        return
    if not found:
        typer.echo("no keys; create one with `darkroom key new NAME`")
    for key in found:
        ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC" if key.revoked_at else ""
        typer.echo(
            f"{key.name}  dk_{key.key_id}_...  {', '.join(sorted(key.scopes))}  {key.created_at:%Y-%m-%d}{ended}"
        )


@app.command("revoke", epilog="Example: darkroom key revoke shop-bot")
def revoke_key(name: Annotated[str, typer.Argument(help="Name of the key.")]) -> None:
    """Revoke an API key (takes effect within 30 s)."""
    if not run(_with_keys(lambda table: table.revoke(name))):
        raise typer.BadParameter(f"no active key named {name!r}; see `darkroom key list`")
    typer.echo(f"Key {name} is revoked")


async def _with_keys(work: "Callable[[ApiKeys], Awaitable[T]]") -> T:
    """Run some work on the table of API keys, and return its result."""
    from adapters.db.keys import ApiKeys

    return await with_engine(lambda engine: work(ApiKeys(engine)))
