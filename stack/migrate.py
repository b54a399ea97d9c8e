"""Brings the tables of the configured database up to date: `python -m stack.migrate`."""

import asyncio

from adapters.db.migrate import upgrade
from config import Settings

if __name__ == "__main__":
    settings = Settings()
    asyncio.run(upgrade(settings.database_url, settings.database_schema))
