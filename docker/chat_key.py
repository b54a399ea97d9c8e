"""Lets the demo's chat page into the gateway by an API key of its own, which lies in a volume that both see."""

import asyncio
from pathlib import Path

import wiring
from adapters.db.keys import ApiKeys, id_of, new_key
from config import Settings

KEY = Path("/keys/chat")  # docker/entrypoint.sh reads it


async def main(settings: Settings, file: Path = KEY) -> None:
    """Make the key the first time; let it in whenever the records do not know it, as after they were deleted."""
    if not file.exists():
        draft = file.with_suffix(".part")
        draft.touch(mode=0o600)
        draft.write_text(new_key())
        draft.replace(file)
    key = file.read_text()
    engine = wiring.engine(settings)
    try:
        await ApiKeys(engine).add(key, f"chat-simulator-{id_of(key)}", ["bot"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(Settings()))
