"""Download links: ours last, those of storage are signed afresh for each click; the order hears of it."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import Literal, cast

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from adapters.files import S3Files
from adapters.links import DownloadLinks
from domain import ids
from domain.messages import LinkOpened
from gateway.auth import anybody
from gateway.temporal import Temporal
from starter import orders
from starter.failures import NoSuchOrder

PRESIGNED_FOR = timedelta(minutes=10)
TELLING_SECONDS = 3
LONGEST_EVENT_ID = 255  # characters; the end of a key says which file it is

log = structlog.get_logger("gateway")

router = APIRouter(tags=["downloads"], dependencies=[Depends(anybody)])


@router.head("/d/{token}/{filename}", include_in_schema=False)
@router.get(
    "/d/{token}/{filename}",
    response_class=RedirectResponse,
    status_code=HTTPStatus.TEMPORARY_REDIRECT,
    responses={404: {"description": "The link is none of ours"}},
)
async def download(request: Request, token: str, filename: str) -> RedirectResponse:  # noqa: ARG001 - for people to read
    """Send the browser on to the file; the token alone says which file, and under which name it is saved.

    Whoever opens a finished file has it: its order is told, once the answer is out.
    """
    links: DownloadLinks = request.state.links
    files: S3Files = request.state.files
    key, saved_as = links.read(token)
    method = cast("Literal['GET', 'HEAD']", request.method)  # a presigned link is good for one method
    order_id = ids.order_of_file(key) if method == "GET" else None
    telling = BackgroundTask(_tell, request.state.temporal, order_id, key) if order_id else None
    return RedirectResponse(await files.presign(key, saved_as, PRESIGNED_FOR, method), background=telling)


async def _tell(temporal: Temporal, order_id: str, key: str) -> None:
    """Tell an order that its file was opened, as well as can be: nobody's download waits for it, or fails with it."""
    try:
        async with asyncio.timeout(TELLING_SECONDS):
            event = LinkOpened(event_id=f"opened-{key}"[-LONGEST_EVENT_ID:], key=key)
            await orders.send(await temporal.client(), order_id, "link_opened", event)
    except NoSuchOrder:
        log.info("a file of an order that is not open was opened", order_id=order_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the customer has the file
        log.warning("the order was not told that its file was opened", order_id=order_id, error=repr(error))
