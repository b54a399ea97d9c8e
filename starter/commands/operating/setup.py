"""`darkroom temporal ...` and `darkroom storage ...`: set-up before the first order."""

import asyncio

import typer

from runtime.settings import Settings
from starter.commands.cli_context import cli_context, run

temporal = typer.Typer(no_args_is_help=True, help="The namespace in Temporal.", rich_markup_mode="markdown")
storage = typer.Typer(no_args_is_help=True, help="The storage bucket.", rich_markup_mode="markdown")


@temporal.command("setup", epilog="Example: darkroom temporal setup")
def set_up_temporal(context: typer.Context) -> None:
    """Create the namespace if missing, and set its retention and search attributes. Idempotent."""
    from datetime import timedelta

    from starter.namespace import set_up

    async def work() -> list[str]:
        client = await cli_context(context).connect()
        return await set_up(client, timedelta(days=Settings().temporal_retention_days))

    for done in run(work()) or ["Nothing to do: the namespace is set up"]:
        typer.echo(done)


@storage.command("setup", epilog="Example: darkroom storage setup")
def set_up_storage() -> None:
    """Create the private bucket if missing, and set the expiry of uploads. Idempotent."""
    from adapters.storage.bucket import Bucket

    settings = Settings()
    bucket = Bucket(
        name=settings.s3_bucket_name,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key.get_secret_value(),
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
    )
    for done in run(asyncio.to_thread(bucket.set_up, settings.uploads_kept_days)):
        typer.echo(done)
