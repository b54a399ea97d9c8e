"""Brings the tables of the configured database up to date, and lets the simulated chat bot into the gateway."""

import asyncio
import os

from adapters.db.keys import ApiKeys
from adapters.db.migrate import upgrade
from runtime import wiring
from runtime.settings import Settings

CHAT_BOT = "chat-simulator"


async def main(settings: Settings) -> None:
    """Do both; each is harmless when repeated."""
    await upgrade(settings.database_url, settings.database_schema)
    engine = wiring.engine(settings)
    try:
        await ApiKeys(engine).add(os.environ["CHAT_API_KEY"], CHAT_BOT, ["bot"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(Settings()))
