"""A chat to try the shop in: a person plays the customer in a browser, this plays the shop's bot and its platform."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulators.ledger import Entry, Ledger
from simulators.pages import CHAT_POLICY, name_in_path, show
from simulators.shop_gateway import Gateway, NotTaken

STATIC = Path(__file__).parent / "static"
LOOK_SECONDS = 0.25
QUIET_SECONDS = 15.0
FINISHED = {"completed", "declined", "cancelled", "expired"}
GREETING = "您好,把要修的图片发给我看看吧,想怎么改也说一下哈"
UNDERSTOOD = "好的,收到"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
LINE_ID = re.compile(r"[\w-]{8,64}", re.ASCII)
LARGEST_PICTURE = 40_000_000


class Chat:
    """Conversations with customers. What they said stands in a ledger, what they were told in that of the bot."""

    def __init__(self, folder: Path, ledger: Ledger, told: Ledger, gateway: Gateway, samples: Path | None) -> None:
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._ledger = ledger
        self._told = told
        self._gateway = gateway
        self._samples = (
            {path.name: path for path in sorted(samples.iterdir()) if path.suffix in {".jpg", ".png"}}
            if samples
            else {}
        )
        self._turns: dict[str, asyncio.Lock] = {}

    @property
    def routes(self) -> list[Route | Mount]:
        """Return the page and what it asks for."""
        return [
            Route("/", self._begin, name="chat-begin"),
            Mount("/static", StaticFiles(directory=STATIC), name="chat-static"),
            Route("/samples/{name}", self._sample, name="chat-sample"),
            Route("/pictures/{name}", self._picture, name="chat-picture"),
            self._ledger.route,
            Route("/{customer}", self._page, name="chat"),
            Route("/{customer}/say", self._say, methods=["POST"]),
            Route("/{customer}/pay", self._pay, methods=["POST"]),
            Route("/{customer}/stream", self._stream),
        ]

    # ---- the page ----------------------------------------------------------------------------------------------------

    async def _begin(self, request: Request) -> Response:
        return RedirectResponse(request.url_for("chat", customer=f"guest-{secrets.token_hex(2)}"), 303)

    async def _page(self, request: Request) -> Response:
        data = {"customer": name_in_path(request, "customer"), "samples": list(self._samples)}
        return show(request, "chat.html", data, CHAT_POLICY)

    async def _sample(self, request: Request) -> Response:
        path = self._samples.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return FileResponse(path)

    async def _picture(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self._pictures / name
        if not re.fullmatch(r"[0-9a-f]{64}", name) or not path.exists():
            raise HTTPException(404)
        headers = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
        return FileResponse(path, media_type=_type_of(path), headers=headers)

    # ---- what the customer does --------------------------------------------------------------------------------------

    async def _say(self, request: Request) -> Response:
        """Take words and pictures; the same line again is no second one."""
        customer = name_in_path(request, "customer")
        async with request.form(max_files=20, max_fields=4) as form:
            text, line = str(form.get("text", ""))[:2000].strip(), str(form.get("line", ""))
            files = [file for file in form.getlist("picture") if isinstance(file, UploadFile)]
            if any((file.size or 0) > LARGEST_PICTURE for file in files):
                return JSONResponse({"error": "图片太大了"}, 413)
            pictures = [await file.read() for file in files]
        if not LINE_ID.fullmatch(line) or not (text or pictures):
            return JSONResponse({"error": "没有内容"}, 400)
        return await self._in_turn(customer, self._answer(customer, line, text, pictures))

    async def _pay(self, request: Request) -> Response:
        customer, asked = name_in_path(request, "customer"), await request.json()
        amount, line, order = str(asked.get("amount")), str(asked.get("line")), self._order_of(customer)
        if not LINE_ID.fullmatch(line) or not re.fullmatch(r"\d{1,7}(\.\d{1,2})?", amount) or not order:
            return JSONResponse({"error": "金额不对"}, 400)

        async def pay() -> None:
            self._note(customer, line, kind="payment", text=f"付款 ¥{amount}")
            await self._gateway.pay(order, amount, f"sim-{line}")

        return await self._in_turn(customer, pay())

    async def _in_turn(self, customer: str, work: Any) -> Response:
        async with self._turns.setdefault(customer, asyncio.Lock()):  # as the customer sent it
            try:
                await work
            except NotTaken as error:
                return JSONResponse({"error": str(error)}, 502)
        return JSONResponse({"ok": True})

    async def _answer(self, customer: str, line: str, text: str, pictures: list[bytes]) -> None:
        names = [await asyncio.to_thread(self._keep, picture) for picture in pictures]
        self._note(customer, line, kind="said", text=text, pictures=names)
        order = self._order_of(customer)
        if pictures:
            await self._send_pictures(customer, line, text, pictures, order)
        elif order is None:
            self._note(customer, f"{line}-reply", kind="reply", text=GREETING)
        else:
            answer = await self._gateway.say(order, text, line)
            reply = answer.get("reply") or (answer.get("reason") or {}).get("text")
            if reply or not answer.get("is_sent"):
                self._note(customer, f"{line}-reply", kind="reply", text=reply or UNDERSTOOD)

    async def _send_pictures(
        self, customer: str, line: str, text: str, pictures: list[bytes], order: str | None
    ) -> None:
        keys = [await self._gateway.upload(picture) for picture in pictures]
        wanted = [{"image_key": key, "note": text} for key in keys]
        if order is None or (await self._gateway.order(order))["status"] in FINISHED:
            begun = await self._gateway.start(customer, wanted, line)
            self._note(customer, f"{line}-order", kind="order", order=begun)
            return
        for number, picture in enumerate(wanted, 1):
            await self._gateway.event(order, "image_received", event_id=f"{line}-{number}", **picture)

    def _keep(self, picture: bytes) -> str:
        name = sha256(picture).hexdigest()
        (self._pictures / name).write_bytes(picture)
        return name

    def _note(self, customer: str, line: str, **facts: Any) -> None:
        if not self._ledger.read(customer=customer, line=line):
            self._ledger.add(customer=customer, line=line, **facts)

    def _order_of(self, customer: str) -> str | None:
        orders = self._ledger.read(customer=customer, kind="order")
        return str(orders[-1]["order"]) if orders else None

    # ---- what the customer sees --------------------------------------------------------------------------------------

    def _conversation(self, customer: str) -> list[dict[str, Any]]:
        mine = [_mine(entry) for entry in self._ledger.read(customer=customer) if entry["kind"] != "order"]
        told = [_theirs(entry) for entry in self._told.read(customer=customer, repeat="False")]
        return sorted(mine + told, key=lambda line: str(line["at"]))

    async def _stream(self, request: Request) -> Response:
        customer = name_in_path(request, "customer")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._events(customer), media_type="text/event-stream", headers=headers)

    async def _events(self, customer: str) -> AsyncIterator[str]:
        """Tell the whole conversation, then whatever is new in it, and what the gateway tells of the order."""
        shown, order, quiet = -1, None, 0.0
        news: asyncio.Queue[str] = asyncio.Queue()
        following: asyncio.Task[None] | None = None
        try:
            while True:
                if (now := self._order_of(customer)) != order:
                    order = now
                    if following:
                        following.cancel()
                    following = asyncio.create_task(self._follow(str(order), news))
                lines = self._conversation(customer)
                if len(lines) != shown:
                    addresses = [
                        address for line in lines if line["by"] == "me" for address in ADDRESS.findall(line["text"])
                    ]
                    shown, quiet = len(lines), 0.0
                    yield _event("conversation", json.dumps({"lines": lines, "addresses": addresses[-1:]}))
                while not news.empty():
                    quiet = 0.0
                    yield news.get_nowait()
                quiet += LOOK_SECONDS
                if quiet > QUIET_SECONDS:
                    quiet = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            if following:
                following.cancel()

    async def _follow(self, order: str, news: asyncio.Queue[str]) -> None:
        """Pass on what the gateway tells, from the beginning whenever it has to be asked anew."""
        while True:
            news.put_nowait(_event("began", json.dumps({"order": order})))
            with suppress(httpx.HTTPError):
                async for name, data in self._gateway.follow(order):
                    news.put_nowait(_event(name, data))
                    if name == "end":
                        return
            await asyncio.sleep(1)


def _mine(entry: Entry) -> dict[str, Any]:
    by = "shop" if entry["kind"] == "reply" else "me"
    pictures = [f"pictures/{name}" for name in entry.get("pictures", [])]
    return {"at": entry["at"], "by": by, "kind": entry["kind"], "text": entry["text"], "pictures": pictures}


def _theirs(entry: Entry) -> dict[str, Any]:
    is_image = entry["kind"] == "image"
    text = entry["fallback_text"] if entry["kind"] == "hint" else entry["content"]
    pictures = [text] if is_image else []
    return {
        "at": entry["at"],
        "by": "shop",
        "kind": entry["kind"],
        "text": "" if is_image else text,
        "pictures": pictures,
    }


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


def _type_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if head[8:12] == b"WEBP" else "image/jpeg"
