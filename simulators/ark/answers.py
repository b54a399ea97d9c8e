"""Ark's responses: pictures as links or inline, possibly changed by a fault."""

import base64
import io
import time
from collections.abc import Callable
from typing import Any

from PIL import Image
from starlette.responses import HTMLResponse, JSONResponse

from simulators.ark.faults import ArkFault, ItemError, Lost, Spoiled, Unavailable, refuse, sensitive
from simulators.ark.files import DAY, Files
from simulators.ark.pictures import make
from simulators.ark.wire import ImagesRequest
from simulators.common.faults import Outcome
from simulators.common.spoiling import content_type, spoil
from simulators.common.trouble import Broken, Endless, Hang, Hanging, broken, endless

PIXELS_OF_TOKEN = 256

Body = dict[str, Any]


def respond(asked: ImagesRequest, inputs: list[bytes], fault: ArkFault | None, files: Files, base: str) -> Outcome:
    """Return the response to a call; its links start with `base`. Raises ArkError."""
    refuse(fault)
    if isinstance(fault, Unavailable):
        return Outcome(HTMLResponse("<html><body>503 Service Temporarily Unavailable</body></html>", 503))
    if isinstance(fault, Hanging):
        return Outcome(Hang(fault.seconds), billed=True)
    if isinstance(fault, Endless):
        return Outcome(endless(fault), billed=True)

    life = 0 if _is_lost(fault, "dead_url") else DAY

    def link(picture: bytes) -> str:
        return f"{base}/files/{files.keep(picture, content_type(picture).removeprefix('image/'), life)}"

    body = _body(asked, _pictures(asked, inputs[0], fault), fault, link)
    if isinstance(fault, Broken):
        return Outcome(broken(fault, body), billed=True, body=body)
    return Outcome(JSONResponse(body), billed=bool(body["usage"]["generated_images"]), body=body)


def _pictures(asked: ImagesRequest, original: bytes, fault: ArkFault | None) -> list[bytes]:
    if _is_lost(fault, "no_data"):
        return []
    pictures = make(asked, original)
    if isinstance(fault, Spoiled):
        return [spoil(fault.fault, original, picture) for picture in pictures]
    return pictures


def _body(asked: ImagesRequest, pictures: list[bytes], fault: ArkFault | None, link: Callable[[bytes], str]) -> Body:
    errors: list[Body] = []
    if isinstance(fault, ItemError):
        pictures = pictures[1:]
        errors = [{"error": {"code": fault.code, "message": sensitive(fault.code)}}]
    sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
    tokens = sum(width * height // PIXELS_OF_TOKEN for width, height in sizes)
    items = [
        _item(asked, picture, link) | {"size": f"{width}x{height}"}
        for picture, (width, height) in zip(pictures, sizes, strict=True)
    ]
    return {
        "model": asked.model,
        "created": int(time.time()),
        "data": errors + items,
        "usage": {"generated_images": len(items), "output_tokens": tokens, "total_tokens": tokens},
    }


def _item(asked: ImagesRequest, picture: bytes, link: Callable[[bytes], str]) -> Body:
    if asked.response_format == "url":
        return {"url": link(picture)}
    return {"b64_json": base64.b64encode(picture).decode()}


def _is_lost(fault: ArkFault | None, name: str) -> bool:
    return isinstance(fault, Lost) and fault.fault == name
