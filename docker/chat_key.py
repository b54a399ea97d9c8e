"""Creates the API key by which the demo's chat page calls the gateway, in a volume shared with the page."""

import asyncio
from pathlib import Path

from adapters.db.keys import ApiKeys, id_of, new_key
from runtime import wiring
from runtime.settings import Settings

KEY = Path("/keys/chat")  # docker/entrypoint.sh reads it


def made_key(file: Path) -> str:
    """Return the key, creating it the first time."""
    if not file.exists():
        draft = file.with_suffix(".part")
        draft.touch(mode=0o600)
        draft.write_text(new_key())
        draft.replace(file)
    return file.read_text()


async def let_in(key: str, settings: Settings) -> None:
    """Store the key in the database, unless it is there."""
    engine = wiring.engine(settings)
    try:
        await ApiKeys(engine).add(key, f"chat-simulator-{id_of(key)}", ["bot"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(let_in(made_key(KEY), Settings()))
