"""A chat page to try the shop: a person plays the customer, and the bot talks to the shop."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from pathlib import Path

import httpx
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulators.common.ledger import Ledger
from simulators.common.pages import CHAT_POLICY, STATIC, name_in_path, show
from simulators.shopbot.bot import ShopBot
from simulators.shopbot.conversation import Conversations, last_address
from simulators.shopbot.gateway import Gateway, NotTaken

LOOK_SECONDS = 0.25
QUIET_SECONDS = 15.0
LINE_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
AMOUNT = re.compile(r"\d{1,7}(\.\d{1,2})?", re.ASCII)
PICTURE_NAME = re.compile(r"[0-9a-f]{64}")
LARGEST_PICTURE = 40_000_000
LONGEST_TEXT = 2000


class Chat:
    """The chat page and its API."""

    def __init__(
        self, folder: Path, ledger: Ledger, told: Ledger, gateway: Gateway, samples: Path | None, history_url: str = ""
    ) -> None:
        self._ledger = ledger
        self._talk = Conversations(ledger, told)
        self._bot = ShopBot(self._talk, folder / "pictures", gateway)
        self._gateway = gateway
        self._history_url = history_url
        photographs = sorted(samples.iterdir()) if samples and samples.is_dir() else []
        self._samples = {path.name: path for path in photographs if path.suffix in {".jpg", ".png"}}

    @property
    def routes(self) -> list[Route | Mount]:
        """Return the routes: the page, its files, and its API."""
        return [
            Route("/", self._begin, name="chat-begin"),
            Mount("/static", StaticFiles(directory=STATIC), name="chat-static"),
            Route("/samples/{name}", self._sample, name="chat-sample"),
            Route("/pictures/{name}", self._picture, name="chat-picture"),
            self._ledger.route,
            Route("/{customer}", self._page, name="chat"),
            Route("/{customer}/say", self._say, methods=["POST"]),
            Route("/{customer}/pay", self._pay, methods=["POST"]),
            Route("/{customer}/lines/{line}/again", self._again, methods=["POST"]),
            Route("/{customer}/stream", self._stream),
            Route("/{customer}/orders", self._shelf),
        ]

    # ---- the page ----------------------------------------------------------------------------------------------------

    async def _begin(self, request: Request) -> Response:
        return RedirectResponse(request.url_for("chat", customer=f"guest-{secrets.token_hex(2)}"), 303)

    async def _page(self, request: Request) -> Response:
        name = name_in_path(request, "customer")
        data = {"customer": name, "samples": list(self._samples), "history_url": self._history_url}
        return show(request, "chat.html", data, CHAT_POLICY)

    async def _sample(self, request: Request) -> Response:
        path = self._samples.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return FileResponse(path)

    async def _picture(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self._bot.picture(name)
        if not PICTURE_NAME.fullmatch(name) or not path.exists():
            raise HTTPException(404)
        headers = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
        return FileResponse(path, media_type=_type_of(path), headers=headers)

    # ---- what the customer does --------------------------------------------------------------------------------------

    async def _say(self, request: Request) -> Response:
        """Accept text and pictures. A repeat of a line is ignored."""
        async with request.form(max_files=20, max_fields=4) as form:
            text, line = str(form.get("text", ""))[:LONGEST_TEXT].strip(), str(form.get("line", ""))
            is_cancel = form.get("action") == "cancel"
            files = [file for file in form.getlist("picture") if isinstance(file, UploadFile)]
            if any((file.size or 0) > LARGEST_PICTURE for file in files):
                return JSONResponse({"error": "图片太大了"}, 413)
            pictures = [await file.read() for file in files]
        if not LINE_ID.fullmatch(line) or not (text or pictures):
            return JSONResponse({"error": "没有内容"}, 400)
        customer = name_in_path(request, "customer")
        return await _answered(self._bot.hear(customer, line, text, pictures, is_cancel=is_cancel))

    async def _pay(self, request: Request) -> Response:
        customer = name_in_path(request, "customer")
        async with request.form(max_files=0, max_fields=4) as form:
            amount, line = str(form.get("amount", "")), str(form.get("line", ""))
        order = self._talk.order_of(customer)
        if not LINE_ID.fullmatch(line) or not AMOUNT.fullmatch(amount) or not order:
            return JSONResponse({"error": "金额不对"}, 400)
        return await _answered(self._bot.pay(customer, line, order, amount))

    async def _again(self, request: Request) -> Response:
        """Retry a line that has not arrived."""
        with suppress(LookupError):
            return await _answered(self._bot.bring(name_in_path(request, "customer"), request.path_params["line"]))
        raise HTTPException(404)

    async def _shelf(self, request: Request) -> Response:
        """Return the customer's latest orders with their pictures."""
        try:
            return JSONResponse({"orders": await self._gateway.shelf(name_in_path(request, "customer"))})
        except NotTaken as error:
            return JSONResponse({"error": str(error)}, 502)

    # ---- what the customer sees --------------------------------------------------------------------------------------

    async def _stream(self, request: Request) -> Response:
        customer = name_in_path(request, "customer")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._events(customer), media_type="text/event-stream", headers=headers)

    async def _events(self, customer: str) -> AsyncIterator[str]:
        """Stream the conversation whenever it changes, and the gateway's events of the customer's last order."""
        news: asyncio.Queue[str] = asyncio.Queue()
        watching = asyncio.create_task(self._watch(customer, news))
        try:
            while True:
                try:
                    async with asyncio.timeout(QUIET_SECONDS):
                        event = await news.get()
                except TimeoutError:
                    event = ": still here\n\n"
                yield event
        finally:
            watching.cancel()

    async def _watch(self, customer: str, news: asyncio.Queue[str]) -> None:
        """Watch the conversation, and follow the order that was started last."""
        seen, shown, order = None, "", None
        async with asyncio.TaskGroup() as group:
            following: asyncio.Task[None] | None = None
            while True:
                if (now := (self._talk.length, frozenset(self._bot.under_way))) != seen:
                    seen = now
                    lines = self._talk.lines(customer, self._bot.under_way)
                    event = _event("conversation", {"lines": lines, "address": last_address(lines)})
                    if event != shown:
                        news.put_nowait(event)
                        shown = event
                    if (last := self._talk.order_of(customer)) != order and last:
                        order = last
                        if following:
                            following.cancel()
                        following = group.create_task(self._follow(customer, order, news))
                await asyncio.sleep(LOOK_SECONDS)

    async def _follow(self, customer: str, order: str, news: asyncio.Queue[str]) -> None:
        """Pass on the events of the gateway, and resume after the last one when the gateway is back."""
        news.put_nowait(_event("began", {"order": order}))
        serial, is_there = 0, True
        while True:
            with suppress(httpx.HTTPError):
                async for name, data, number in self._gateway.follow(order, serial):
                    if not is_there:
                        news.put_nowait(_event("gateway", {"there": True}))
                    serial, is_there = max(serial, number), True
                    if name == "order":
                        self._note_pairs(customer, json.loads(data))
                    news.put_nowait(f"event: {name}\ndata: {data}\n\n")
                    if name == "end":
                        return
            if is_there:
                news.put_nowait(_event("gateway", {"there": False}))
            is_there = False
            await asyncio.sleep(1)

    def _note_pairs(self, customer: str, order: dict[str, list[dict[str, str | None]]]) -> None:
        """Remember which original belongs to a preview, since the next round has another preview."""
        for picture in order["pictures"]:
            preview, original = picture["preview_url"], picture["original_url"]
            if preview and original:
                self._talk.note(customer, preview, "pair", preview=preview, original=original)


async def _answered(work: Awaitable[None]) -> Response:
    try:
        await work
    except NotTaken as error:
        return JSONResponse({"error": str(error), "is_final": error.is_final}, 502)
    return JSONResponse({"ok": True})


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _type_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if head[8:12] == b"WEBP" else "image/jpeg"
