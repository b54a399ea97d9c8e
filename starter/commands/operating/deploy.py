"""`darkroom deploy ...`: which build of the worker gets the orders."""

import asyncio
from typing import Annotated

import typer

from runtime.settings import Settings
from starter import deployments
from starter.commands.arguments import AsJson
from starter.commands.cli_context import cli_context, run
from starter.commands.screens import print_json
from starter.commands.tables import print_table
from starter.deployments import Build, CannotDeploy, Deployment

app = typer.Typer(
    no_args_is_help=True, help="Builds of the worker: which one gets the orders.", rich_markup_mode="markdown"
)
POLL_SECONDS = 1.0


@app.command(epilog="Example: darkroom deploy status")
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """List all builds, newest first: its status, since when, and the open workflows that it ran last.

    `draining` means that a build gets nothing new but still has open workflows. Stop its workers once it is `drained`.
    """

    async def work() -> Deployment:
        return await deployments.described(await cli_context(context).connect())

    found = run(work())
    if as_json:
        print_json([_facts(build, found) for build in found.builds])
        return
    rows = [tuple(map(str, _facts(build, found).values())) for build in found.builds]
    print_table(("build", "status", "share", "since", "open workflows"), rows, whole=("build",))


def _facts(build: Build, found: Deployment) -> dict[str, str | int]:
    ramping = found.percentage if found.ramping else 0.0
    shares = {found.ramping: ramping, found.current: 100 - ramping}
    return {
        "build": build.build_id,
        "status": build.status,
        "share": f"{shares.get(build.build_id, 0):g} %",
        "since": f"{build.since:%Y-%m-%d %H:%M:%S} UTC" if build.since else "",
        "open_workflows": build.open_workflows,
    }


@app.command(epilog="Example: darkroom deploy ramp 0.2.0 10")
def ramp(
    context: typer.Context,
    build_id: Annotated[str, typer.Argument(help="WORKER_BUILD_ID of its workers.")],
    percentage: Annotated[float, typer.Argument(help="Share of the orders, in percent.", min=0, max=100)],
) -> None:
    """Let a build have a share of the orders, new and open ones; the current build keeps the rest."""

    async def work() -> None:
        await deployments.ramp(await cli_context(context).connect(), build_id, percentage)

    run(work())
    typer.echo(f"{build_id} gets {percentage:g} % of the orders from their next step on.")


@app.command(epilog="Example: darkroom deploy promote 0.2.0")
def promote(
    context: typer.Context,
    build_id: Annotated[
        str, typer.Argument(help="WORKER_BUILD_ID of its workers; by default that of these settings.")
    ] = "",
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait until workers of the build poll every queue.")
    ] = 0,
) -> None:
    """Let a build have all orders, new and open ones. Workers of it must poll every queue."""
    build_id = build_id or Settings().worker_build_id
    if not build_id:
        raise typer.BadParameter("name the build, or set WORKER_BUILD_ID")

    async def work() -> None:
        client, until = await cli_context(context).connect(), asyncio.get_running_loop().time() + wait
        while True:
            try:
                return await deployments.promote(client, build_id)
            except CannotDeploy:
                if asyncio.get_running_loop().time() >= until:
                    raise
                await asyncio.sleep(POLL_SECONDS)

    run(work())
    typer.echo(f"{build_id} gets all orders from their next step on.")


@app.command(epilog="Example: darkroom deploy rollback")
def rollback(context: typer.Context) -> None:
    """Stop a ramp; if there is none, let the build that was current before have all orders again."""

    async def work() -> str:
        return await deployments.roll_back(await cli_context(context).connect())

    typer.echo(f"{run(work())} gets all orders from their next step on.")
