"""Receives a body with an image into files on disk: multipart, or JSON with a data URL."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from gateway.task_history.data_urls import take_image

S = HTTPStatus
MOST_FIELDS = 20  # besides the file; ignored
PREFIX = "darkroom-history-"
SEND_IT_SO = (
    'send the image as multipart/form-data in the field `file`, or as JSON: {"original_image_data": '
    '"data:image/png;base64,..."}'
)


@dataclass(frozen=True)
class Received:
    """A body: its JSON (None for multipart), with the image in a file, which is empty if there is none."""

    content: Any
    image: Path

    @property
    def size(self) -> int:
        """The size of the image in bytes."""
        return self.image.stat().st_size


@asynccontextmanager
async def received(request: Request, *, may_be_form: bool) -> AsyncIterator[Received]:
    """Yield the body; its files are deleted afterwards. Raises HTTPException, MalformedRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with NamedTemporaryFile(prefix=PREFIX) as image:
        if kind == "multipart/form-data" and may_be_form:
            await _receive_form(request, image)
            content = None
        elif kind == "application/json" or kind.endswith("+json"):
            content = await _receive_json(request, image)
        else:
            accepted = SEND_IT_SO if may_be_form else "send a JSON body as application/json"
            raise HTTPException(S.UNSUPPORTED_MEDIA_TYPE, accepted)
        image.flush()
        yield Received(content, Path(image.name))


async def _receive_form(request: Request, image: IO[bytes]) -> None:
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS)
    except HTTPException as error:
        if error.status_code == S.BAD_REQUEST:
            raise HTTPException(S.BAD_REQUEST, f"invalid form: {SEND_IT_SO} ({error.detail})") from error
        raise
    try:
        file = next((value for _, value in form.multi_items() if isinstance(value, UploadFile)), None)
        if file is not None:
            await asyncio.to_thread(shutil.copyfileobj, file.file, image)
    finally:
        await form.close()


async def _receive_json(request: Request, image: IO[bytes]) -> Any:
    with NamedTemporaryFile(prefix=PREFIX) as body:
        async for piece in request.stream():
            body.write(piece)  # into the page cache, which takes microseconds
        body.flush()
        return await asyncio.to_thread(take_image, Path(body.name), image)
