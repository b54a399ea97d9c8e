"""`darkroom temporal ...` and `darkroom storage ...`: set-up before the first order."""

import asyncio

import typer

from runtime.settings import Settings
from starter.commands.cli_context import cli_context, run

temporal = typer.Typer(no_args_is_help=True, help="The namespace in Temporal.", rich_markup_mode="markdown")
storage = typer.Typer(no_args_is_help=True, help="The storage bucket.", rich_markup_mode="markdown")


@temporal.command("setup", epilog="Example: darkroom temporal setup")
def set_up_temporal(context: typer.Context) -> None:
    """Create the namespace if missing, set its retention and search attributes, and schedule upkeep. Idempotent."""
    from datetime import timedelta

    from domain.upkeep.days import quietest_hour
    from starter import namespace, upkeep

    async def work() -> list[str]:
        settings, client = Settings(), await cli_context(context).connect()
        hour = quietest_hour(settings.shop_opens_at, settings.shop_closes_at)
        return [
            *await namespace.set_up(client, timedelta(days=settings.temporal_retention_days)),
            *await upkeep.set_up(client, hour, settings.shop_timezone, settings.staff_language),
        ]

    for done in run(work()) or ["Nothing to do: the namespace and the schedule of upkeep are set up"]:
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
