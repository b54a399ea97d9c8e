"""Lets the demo's chat page into the gateway by an API key of its own, which lies in a volume that both see."""

import asyncio
from pathlib import Path

from adapters.db.keys import ApiKeys, id_of, new_key
from runtime import wiring
from runtime.settings import Settings

KEY = Path("/keys/chat")  # docker/entrypoint.sh reads it


def made_key(file: Path) -> str:
    """Return the key; it is made the first time."""
    if not file.exists():
        draft = file.with_suffix(".part")
        draft.touch(mode=0o600)
        draft.write_text(new_key())
        draft.replace(file)
    return file.read_text()


async def let_in(key: str, settings: Settings) -> None:
    """Have the records know the key; they do already unless this is the first time, or they were deleted."""
    engine = wiring.engine(settings)
    try:
        await ApiKeys(engine).add(key, f"chat-simulator-{id_of(key)}", ["bot"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(let_in(made_key(KEY), Settings()))
