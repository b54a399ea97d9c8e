"""Stores and shows the e-mails that the SMTP server has received."""

import asyncio
import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from simulators.common.ledger import Entry, Ledger
from simulators.common.pages import name_in_path, shop_time, show

# The HTML of an e-mail is untrusted: it is shown in a frame, without scripts; links open in a new tab.
LETTER_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


class Mailbox:
    """The e-mails, one .eml file each, and their ledger."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._ledger = ledger
        self._turn = asyncio.Lock()

    async def take(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """Store an e-mail and return its number."""
        facts = await asyncio.to_thread(_facts, content)
        async with self._turn:  # two e-mails at once must not get the same number
            number = f"{len(self._ledger) + 1:06}"
            await asyncio.to_thread(self._path(number).write_bytes, content)
            self._ledger.add(letter=number, sender=sender, to=list(recipients), **facts)
        return number

    @property
    def routes(self) -> list[Route]:
        """Return the mailbox's pages."""
        return [
            Route("/", self._list_addresses, name="addresses"),
            Route("/addresses/{address:path}", self._list_letters, name="letters"),
            Route("/letters/{letter}.eml", self._raw, name="letter-raw"),
            Route("/letters/{letter}/html", self._html, name="letter-html"),
            Route("/letters/{letter}/attachments/{index:int}", self._attachment, name="attachment"),
            Route("/letters/{letter}", self._show_letter, name="letter"),
            self._ledger.route,
        ]

    async def _list_addresses(self, request: Request) -> Response:
        counts = Counter(address for entry in self._ledger.read() for address in entry["to"])
        addresses = [{"address": address, "letters": count} for address, count in sorted(counts.items())]
        return show(request, "addresses.html", {"addresses": addresses})

    async def _list_letters(self, request: Request) -> Response:
        address = name_in_path(request, "address")
        letters = [_shown(entry) for entry in reversed(self._ledger.read(to=address))]
        return show(request, "letters.html", {"address": address, "letters": letters})

    async def _show_letter(self, request: Request) -> Response:
        entry, message = await self._open(name_in_path(request, "letter"))
        letter = _shown(entry) | {"text": _body(message, "plain"), "html": _body(message, "html")}
        return show(request, "letter.html", {"letter": letter})

    async def _raw(self, request: Request) -> Response:
        entry, _ = await self._open(request.path_params["letter"])
        return FileResponse(self._path(entry["letter"]), media_type="message/rfc822")

    async def _html(self, request: Request) -> Response:
        _, message = await self._open(request.path_params["letter"])
        return HTMLResponse(_page(message), headers={"content-security-policy": LETTER_POLICY})

    async def _attachment(self, request: Request) -> Response:
        _, message = await self._open(request.path_params["letter"])
        attachments = list(message.iter_attachments())
        index = request.path_params["index"]
        if index >= len(attachments):
            raise HTTPException(404)
        part = attachments[index]
        disposition = f"attachment; filename*=utf-8''{quote(part.get_filename('attachment'))}"
        return Response(_data(part), media_type=part.get_content_type(), headers={"content-disposition": disposition})

    async def _open(self, number: str) -> tuple[Entry, EmailMessage]:
        found = self._ledger.read(letter=number)
        if not found:
            raise HTTPException(404)
        return found[0], _parse(await asyncio.to_thread(self._path(number).read_bytes))

    def _path(self, number: str) -> Path:
        return self._folder / f"{number}.eml"


def _parse(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=default)


def _facts(content: bytes) -> dict[str, Any]:
    message = _parse(content)
    attachments = [_attachment_facts(part) for part in message.iter_attachments()]
    return {
        "message_id": str(message["Message-ID"]),
        "from": str(message["From"]),
        "subject": str(message["Subject"]),
        "size": len(content),
        "attachments": attachments,
    }


def _attachment_facts(part: Any) -> dict[str, Any]:
    data = _data(part)
    return {
        "filename": part.get_filename("attachment"),
        "content_type": part.get_content_type(),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _data(part: Any) -> bytes:
    data: bytes = part.get_payload(decode=True) or b""
    return data


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return str(body.get_content()) if body else ""


def _page(message: EmailMessage) -> str:
    """Return the HTML as a mail program shows it: with inline pictures, and links that open in a new tab."""
    page = _body(message, "html")
    for part in message.walk():
        if cid := str(part.get("Content-ID", "")).strip("<>"):
            data = base64.b64encode(_data(part)).decode()
            page = page.replace(f'"cid:{cid}"', f'"data:{part.get_content_type()};base64,{data}"')
    base = '<base target="_blank">'
    return page.replace("<head>", f"<head>{base}", 1) if "<head>" in page else base + page


def _shown(entry: Entry) -> dict[str, Any]:
    return entry | {"time": shop_time(entry["at"])}
