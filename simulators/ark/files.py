"""The storage behind Ark's links, which expire after a day and then answer like TOS."""

import re
import secrets
import time
from pathlib import Path
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from simulators.common.ledger import Ledger

DAY = 24 * 60 * 60
NAME = re.compile(r"[\w-]+\.\w+")


class Files:
    """Pictures under unguessable names. Every download is in the ledger."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ledger = ledger

    @property
    def route(self) -> Route:
        """Return the download route."""
        return Route("/files/{name}", self._download)

    def keep(self, data: bytes, extension: str, seconds: int = DAY) -> str:
        """Store a picture; return its name and expiry as the end of a link."""
        name = f"{secrets.token_urlsafe(24)}.{extension}"
        (self._folder / name).write_bytes(data)
        return f"{name}?expires={int(time.time()) + seconds}"

    async def _download(self, request: Request) -> Response:
        name = request.path_params["name"]
        response = self._find(name, request.query_params.get("expires", ""))
        self._ledger.add(kind="download", name=name, status=response.status_code)
        return response

    def _find(self, name: str, expires: str) -> Response:
        if not expires.isdecimal() or int(expires) <= time.time():
            return _refuse(403, "AccessDenied", "Request has expired")
        path = self._folder / name
        if not NAME.fullmatch(name) or not path.is_file():
            return _refuse(404, "NoSuchKey", "The specified key does not exist.")
        return FileResponse(path)


def _refuse(status: int, code: str, message: str) -> Response:
    fields = {"Code": code, "Message": message, "RequestId": secrets.token_hex(16)}
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    return Response(body, status, media_type="application/xml")
