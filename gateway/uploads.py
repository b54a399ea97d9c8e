"""Pictures that are sent as files: proved by decoding, stored, and named by a key that nobody guesses."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from adapters.imaging.studio import Studio
from adapters.storage.files import S3Files
from gateway import sources
from gateway.auth import Caller
from gateway.errors import OF_ANY_CALLER, problems

S = HTTPStatus
OVERHEAD = 64 * 1024  # bytes that multipart adds to the file
MAX_CONCURRENT = 2  # uploads that are in memory at the same time, whole, while they go on to storage
MOST_FIELDS = 20  # beside the file; nobody reads them
SEND_IT_SO = (
    "the form cannot be read; send one picture as multipart/form-data with a boundary, in the field `file`, "
    "as `curl -F file=@cat.jpg` does"
)
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": "The picture."}},
                }
            }
        },
    }
}


class Uploaded(BaseModel):
    """A picture that was stored."""

    image_key: str = Field(
        description="Names it in orders and events.",
        examples=["uploads/0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a.jpg"],
    )
    content_type: str = Field(description="What decoding found it to be.", examples=["image/jpeg"])
    width: int = Field(description="In pixels, upright.", examples=[1200])
    height: int = Field(examples=[900])
    file_size: int = Field(description="In bytes.", examples=[248_113])


def build(max_bytes: int) -> APIRouter:
    """Return the route, which takes files up to this size."""
    router = APIRouter(prefix="/api", tags=["orders"])
    turn = asyncio.Semaphore(MAX_CONCURRENT)

    @router.post(
        "/uploads",
        status_code=S.CREATED,
        openapi_extra=FORM,
        responses=problems(*OF_ANY_CALLER),
    )
    async def upload(request: Request, _: Caller) -> Uploaded:
        """Store a picture, to be named in an order or an event by its key. What is no picture is refused."""
        async with _form(request) as form:  # read here, once we know the caller
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise RequestValidationError([_fault("send one picture as a file in the multipart field `file`")])
            if (file.size or 0) > max_bytes:
                raise HTTPException(S.REQUEST_ENTITY_TOO_LARGE, f"a picture may have at most {max_bytes:,} bytes")
            async with turn:
                return await _store(request.state.files, request.state.studio, file)

    return router


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """Read the form. Raises HTTPException with what to do, beside what its reader stumbled at."""
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS)
    except HTTPException as error:
        if error.status_code == S.BAD_REQUEST:
            raise HTTPException(S.BAD_REQUEST, f"{SEND_IT_SO} ({error.detail})") from error
        raise
    try:
        yield form
    finally:
        await form.close()


async def _store(files: S3Files, studio: Studio, file: UploadFile) -> Uploaded:
    """Prove a picture and store it. Raises PictureUnreadable, OutsideUnavailable."""
    with NamedTemporaryFile(prefix="darkroom-upload-") as copy:  # by whose name the child process finds it
        await asyncio.to_thread(_copy, file, copy)
        facts = await studio.inspect_file(Path(copy.name))
        data = await asyncio.to_thread(Path(copy.name).read_bytes)
    key = sources.new_key(facts.content_type)
    await files.put(key, data, facts.content_type)
    return Uploaded(
        image_key=key,
        content_type=facts.content_type,
        width=facts.width,
        height=facts.height,
        file_size=len(data),
    )


def _copy(file: UploadFile, copy: IO[bytes]) -> None:
    shutil.copyfileobj(file.file, copy)
    copy.flush()


def _fault(message: str) -> dict[str, Any]:
    return {"loc": ("body", "file"), "msg": message, "type": "value_error"}
