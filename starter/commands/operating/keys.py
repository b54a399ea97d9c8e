"""The commands `darkroom key`: keys to the gateway's API."""

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
app = typer.Typer(no_args_is_help=True, help="Keys to the gateway's API.", rich_markup_mode="markdown")


@app.command("new", epilog="Example: darkroom key new shop-bot, or darkroom key new tianwang --scope agent")
def new_key(
    name: Annotated[str, typer.Argument(help="Whose it is, such as shop-bot.")],
    scope: Annotated[
        KeyScope, typer.Option(help="bot: everything. agent: only what it begins itself; see docs/api.md.")
    ] = "bot",
) -> None:
    """Make an API key and print it, this one time."""
    from adapters.db.keys import new_key

    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("a key's name says whose it is, such as shop-bot")
    key = new_key()
    run(_with_keys(lambda table: table.add(key, name, [scope])))
    typer.echo(key)
    typer.echo("It is shown this once: only its hash is kept.", err=True)


@app.command("list", epilog="Example: darkroom key list --json")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys: whose they are, for what, since when."""
    found = run(_with_keys(lambda table: table.listing()))
    if as_json:
        shown = ("name", "key_id", "created_at", "revoked_at")
        print_json([{**{name: getattr(key, name) for name in shown}, "scopes": sorted(key.scopes)} for key in found])
        return
    if not found:
        typer.echo("no keys; `darkroom key new NAME` makes one")
    for key in found:
        ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC" if key.revoked_at else ""
        typer.echo(
            f"{key.name}  dk_{key.key_id}_...  {', '.join(sorted(key.scopes))}  {key.created_at:%Y-%m-%d}{ended}"
        )


@app.command("revoke", epilog="Example: darkroom key revoke shop-bot")
def revoke_key(name: Annotated[str, typer.Argument(help="Whose it is.")]) -> None:
    """Let a key open nothing any more; gateways know within half a minute."""
    if not run(_with_keys(lambda table: table.revoke(name))):
        raise typer.BadParameter(f"no open key is named {name!r}; `darkroom key list` shows them all")
    typer.echo(f"{name} is revoked")


async def _with_keys(work: "Callable[[ApiKeys], Awaitable[T]]") -> T:
    """Do something with the table of keys."""
    from adapters.db.keys import ApiKeys

    return await with_engine(lambda engine: work(ApiKeys(engine)))
