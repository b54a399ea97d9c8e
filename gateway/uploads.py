"""Uploads pictures: checks them by decoding, stores them, and returns an unguessable key."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from adapters.imaging.handed_in.kinds import HEAD, kind_of
from adapters.imaging.studio import Studio
from adapters.storage.files import S3Files
from domain.vocabulary import ids
from gateway import sources
from gateway.auth import Caller
from gateway.errors import OF_ANY_CALLER, problems

S = HTTPStatus
OVERHEAD = 64 * 1024  # bytes added by multipart encoding
MAX_CONCURRENT = 2  # uploads held in memory while being stored
MOST_FIELDS = 20  # besides the file; ignored
SEND_IT_SO = (
    "invalid form: send one picture as multipart/form-data with a boundary, in the field `file`, "
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
    """A stored upload."""

    image_key: str = Field(
        description="Key, for use in orders and events.",
        examples=["uploads/0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a.jpg"],
    )
    content_type: str = Field(description="Detected content type.", examples=["image/jpeg"])
    width: int = Field(description="Width in pixels, after EXIF rotation.", examples=[1200])
    height: int = Field(examples=[900])
    file_size: int = Field(description="Size in bytes.", examples=[248_113])


class UploadedFile(BaseModel):
    """A stored finished file."""

    image_key: str = Field(
        description="Key, for use as `result_key`.",
        examples=["uploads/0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a.psd"],
    )
    content_type: str = Field(description="Detected content type.", examples=["image/vnd.adobe.photoshop"])
    file_size: int = Field(description="Size in bytes.", examples=[48_248_113])


def build(max_bytes: int) -> APIRouter:
    """Return the route, for files up to this size."""
    router = APIRouter(prefix="/api", tags=["orders"])
    turn = asyncio.Semaphore(MAX_CONCURRENT)

    @router.post(
        "/uploads",
        status_code=S.CREATED,
        openapi_extra=FORM,
        responses=problems(*OF_ANY_CALLER),
    )
    async def upload(request: Request, _: Caller) -> Uploaded:
        """Upload a picture, and get a key for it to use in orders and events. Other files are rejected."""
        async with _form(request) as form:  # parsed only after authentication
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise RequestValidationError([_fault("send one picture as a file in the multipart field `file`")])
            if (file.size or 0) > max_bytes:
                raise HTTPException(
                    S.REQUEST_ENTITY_TOO_LARGE, f"the picture is too large (at most {max_bytes:,} bytes)"
                )
            async with turn:
                return await _store(request.state.files, request.state.studio, file)

    @router.post("/uploads/finished", status_code=S.CREATED, openapi_extra=FORM, responses=problems(*OF_ANY_CALLER))
    async def upload_finished(request: Request, _: Caller) -> UploadedFile:
        """Upload a finished file of a designer or another image AI, and get a key to use as `result_key`.

        JPEG, PNG, WebP, TIFF, PSD or SVG by content. Whether it is what its picture needs is checked when it is used.
        """
        return await take_finished(request)

    return router


async def take_finished(request: Request) -> UploadedFile:
    """Store the finished file in a request's form. Raises RequestValidationError, OutsideUnavailable."""
    async with _form(request) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise RequestValidationError([_fault("send one finished file in the multipart field `file`")])
        return await _store_finished(request.state.files, file)


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """Parse the form. Raises HTTPException with instructions and the parser's error."""
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
    """Check a picture and store it. Raises PictureUnreadable, OutsideUnavailable."""
    with NamedTemporaryFile(prefix="darkroom-upload-") as copy:  # the child process opens it by name
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


async def _store_finished(files: S3Files, file: UploadFile) -> UploadedFile:
    """Store a file from disk, unopened: the worker checks it by what its picture needs. Raises OutsideUnavailable."""
    kind = kind_of(await file.read(HEAD))
    if kind is None:
        raise RequestValidationError([_fault("this is no JPEG, PNG, WebP, TIFF, PSD or SVG file")])
    await file.seek(0)
    with NamedTemporaryFile(prefix="darkroom-upload-") as copy:
        await asyncio.to_thread(_copy, file, copy)
        key = f"{ids.UPLOADS}/{uuid4()}.{kind.extension}"
        await files.put_file(key, Path(copy.name), kind.content_type)
        size = copy.tell()
    return UploadedFile(image_key=key, content_type=kind.content_type, file_size=size)


def _copy(file: UploadFile, copy: IO[bytes]) -> None:
    shutil.copyfileobj(file.file, copy)
    copy.flush()


def _fault(message: str) -> dict[str, Any]:
    return {"loc": ("body", "file"), "msg": message, "type": "value_error"}
