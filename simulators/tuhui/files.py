"""Designers' results: checked, stored under unguessable names, and served."""

import asyncio
import hashlib
import io
import re
import secrets
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from simulators.tuhui.board import Refused

LARGEST = 40_000_000  # bytes
MOST_PIXELS = 100_000_000
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
NAME = re.compile(r"[\w-]+\.(jpg|png|webp)", re.ASCII)


class Files:
    """The results, one file each."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    @property
    def route(self) -> Route:
        """Return the download route."""
        return Route("/files/{file}", self._serve, name="tuhui-file")

    async def keep(self, data: bytes) -> dict[str, Any]:
        """Store a picture and return the facts for the ledger. Raises Refused if it is not a picture."""
        extension = await asyncio.to_thread(_extension, data)
        file = f"{secrets.token_urlsafe(18)}.{extension}"
        await asyncio.to_thread((self._folder / file).write_bytes, data)
        return {"file": file, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}

    async def _serve(self, request: Request) -> Response:
        file = request.path_params["file"]
        path = self._folder / file
        if not NAME.fullmatch(file) or not path.is_file():
            raise HTTPException(404)
        headers = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
        return FileResponse(path, headers=headers)


def must_fit(size: int) -> None:
    """Check the size of a file before it is opened. Raises Refused."""
    if size > LARGEST:
        raise Refused(413, f"图片太大了:最多 {LARGEST // 1_000_000} MB")


def _extension(data: bytes) -> str:
    """Decode a picture completely and return its file extension. Raises Refused."""
    must_fit(len(data))
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format not in EXTENSIONS:
                raise Refused(400, "只收 JPEG、PNG 或 WebP 图片")
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused(413, f"图片太大了:最多 {MOST_PIXELS // 1_000_000} 百万像素")
            picture.load()
            return EXTENSIONS[picture.format]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(400, "这不是图片,或者文件坏了") from error
