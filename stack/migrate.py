"""Migrates the configured database, and registers the API key of the simulated chat bot."""

import asyncio
import os

from adapters.db.keys import ApiKeys
from adapters.db.migrate import upgrade
from runtime import wiring
from runtime.settings import Settings

CHAT_BOT = "chat-simulator"


async def main(settings: Settings) -> None:
    """Do both. Idempotent."""
    await upgrade(settings.database_url, settings.database_schema, timezone=settings.shop_timezone)
    engine = wiring.engine(settings)
    try:
        await ApiKeys(engine).add(os.environ["CHAT_API_KEY"], CHAT_BOT, ["bot"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(Settings()))
