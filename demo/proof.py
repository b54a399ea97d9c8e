"""Saves the results of the demo: attachments of the e-mails, and before/after pictures."""

import hashlib
from pathlib import Path

import httpx

from domain.order.order import Order
from domain.order.picture import Picture
from runtime import wiring
from runtime.settings import Settings


async def letters_of(http: httpx.AsyncClient, order: Order, address: str, folder: Path) -> list[Path]:
    """Save the attachments that equal finished pictures byte for byte; return their paths."""
    owed = {picture.result.file.sha256 for picture in order.live if picture.result}
    saved = []
    for letter in (await http.get("/mailbox/ledger", params={"to": address, "order": order.order_id})).json():
        for index, attachment in enumerate(letter["attachments"]):
            data = (await http.get(f"/mailbox/letters/{letter['letter']}/attachments/{index}")).content
            if hashlib.sha256(data).hexdigest() in owed:
                path = folder / attachment["filename"]
                path.write_bytes(data)
                saved.append(path)
    return saved


async def keep_pictures(settings: Settings, order: Order, folder: Path) -> list[Path]:
    """Put each picture next to its original; return the paths of these pairs."""
    return [await _pair(settings, picture, folder) for picture in order.live]


async def _pair(settings: Settings, picture: Picture, folder: Path) -> Path:
    assert picture.original is not None
    assert picture.result is not None
    files, studio = wiring.files(settings), wiring.studio(settings, wiring.children(settings))
    original, view = await files.get(picture.original.key), await files.get(picture.result.view_key)
    both = await studio.before_after(original, view)
    path = folder / f"{picture.task_id}_before_after.jpg"
    path.write_bytes(both.data)
    return path
