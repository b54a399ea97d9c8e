"""The codec endpoint of Temporal: the Web UI and the `temporal` command read payloads through it, for staff only.

POST `/codec/decode` and `/codec/encode` take and return `{"payloads": [...]}`, as in
https://docs.temporal.io/codec-server. Browsers may call it from the Web UI's origin alone.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import JSONResponse
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from domain.vocabulary.errors import MalformedRequest, NotAllowed
from gateway.staff import Staff
from runtime.setting_words import listed
from runtime.settings import Settings
from starter.codec import EncryptionCodec, KeyMissing

PATHS = "/codec/(?:decode|encode)"
LARGEST_BODY = 16 * 1024 * 1024  # bytes: a page of a history, in base64
HEADERS = "Content-Type, X-Namespace, Authorization, Authorization-Extras"
A_DAY = 24 * 60 * 60  # seconds that a browser may remember the answer to a preflight

Work = Callable[[PayloadCodec, Payload], Awaitable[Payload]]


def build(settings: Settings) -> APIRouter:
    """Return the routes, for the keys and origins of these settings."""
    router = APIRouter(prefix="/codec", include_in_schema=False)
    codec = EncryptionCodec(settings.keys_of_payloads) if settings.keys_of_payloads else None
    origins = {_origin(url) for url in (settings.temporal_ui_url, *listed(settings.codec_origins))}

    def checked(request: Request) -> dict[str, str]:
        """Return the headers that let the Web UI read the answer. Raises NotAllowed for another site."""
        origin = request.headers.get("origin")
        if origin is None:  # no browser
            return {}
        if origin not in origins:
            raise NotAllowed("this site may not read payloads: CODEC_ORIGINS does not name it")
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Allow-Headers": HEADERS,
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Max-Age": str(A_DAY),
            "Vary": "Origin",
        }

    @router.options("/decode")
    @router.options("/encode")
    async def preflight(request: Request) -> Response:
        return Response(status_code=204, headers=checked(request))

    @router.post("/decode")
    async def decode(request: Request, _: Staff, body: dict[str, Any] = Body()) -> JSONResponse:  # noqa: B008 - FastAPI
        return JSONResponse(await _each(codec, body, _decoded), headers=checked(request))

    @router.post("/encode")
    async def encode(request: Request, _: Staff, body: dict[str, Any] = Body()) -> JSONResponse:  # noqa: B008 - FastAPI
        return JSONResponse(await _each(codec, body, _encoded), headers=checked(request))

    return router


async def _each(codec: PayloadCodec | None, body: dict[str, Any], work: Work) -> dict[str, Any]:
    wrong = MalformedRequest('the body must be {"payloads": [...]} with payloads of Temporal')
    payloads = body.get("payloads", [])
    if not isinstance(payloads, list) or not all(isinstance(payload, dict) for payload in payloads):
        raise wrong
    try:
        asked = ParseDict(body, Payloads(), ignore_unknown_fields=True)
    except ParseError as error:
        raise wrong from error
    done = [await work(codec, payload) if codec else payload for payload in asked.payloads]
    return {"payloads": [MessageToDict(payload) for payload in done]}


async def _decoded(codec: PayloadCodec, payload: Payload) -> Payload:
    try:
        return (await codec.decode([payload]))[0]
    except KeyMissing:  # shown as it is, beside those that can be read
        return payload


async def _encoded(codec: PayloadCodec, payload: Payload) -> Payload:
    return (await codec.encode([payload]))[0]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
