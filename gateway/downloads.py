"""Download links: ours last, those of storage are signed afresh for each click."""

from datetime import timedelta
from http import HTTPStatus
from typing import Literal, cast

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from adapters.files import S3Files
from adapters.links import DownloadLinks

PRESIGNED_FOR = timedelta(minutes=10)

router = APIRouter(tags=["downloads"])


@router.head("/d/{token}/{filename}", include_in_schema=False)
@router.get(
    "/d/{token}/{filename}",
    response_class=RedirectResponse,
    status_code=HTTPStatus.TEMPORARY_REDIRECT,
    responses={404: {"description": "The link is none of ours"}},
)
async def download(request: Request, token: str, filename: str) -> RedirectResponse:  # noqa: ARG001 - for people to read
    """Send the browser on to the file; the token alone says which file, and under which name it is saved."""
    links: DownloadLinks = request.state.links
    files: S3Files = request.state.files
    key, saved_as = links.read(token)
    method = cast("Literal['GET', 'HEAD']", request.method)  # a presigned link is good for one method
    return RedirectResponse(await files.presign(key, saved_as, PRESIGNED_FOR, method))
