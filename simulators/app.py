"""Combines the simulators in one HTTP application, with the SMTP server on the same event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from simulators.ark.app import Ark
from simulators.common.ledger import Ledger
from simulators.common.pages import show
from simulators.gemini.app import Gemini
from simulators.mail.mailbox import Mailbox
from simulators.mail.smtp import start_smtp
from simulators.shopbot.conversation import Conversations
from simulators.shopbot.gateway import Gateway
from simulators.shopbot.inbox import Bot
from simulators.shopbot.page import Chat
from simulators.tuhui.app import Tuhui
from simulators.wecom import WeCom


@dataclass(frozen=True)
class Options:
    """Addresses, data folder, and the secrets that callers must present."""

    data: Path
    host: str
    smtp_port: int
    bot_secret: str
    gemini_key: str
    gemini_seconds: float
    ark_key: str
    ark_seconds: float
    wecom_key: str
    wecom_per_minute: int
    tuhui_key: str
    gateway_url: str
    chat_api_key: str
    payment_secret: str
    chat_owner: str = ""
    history_url: str = ""
    samples: Path | None = None


def create_app(options: Options) -> Starlette:
    """Return the application. It loads its data immediately; the SMTP server starts and stops with it."""
    ledgers = {
        name: Ledger(options.data / name / "ledger.jsonl")
        for name in ("gemini", "ark", "bot", "wecom", "tuhui", "mailbox", "chat")
    }
    ark = Ark(ledgers["ark"], options.ark_key, options.ark_seconds, options.data / "ark" / "files")
    tuhui = Tuhui(ledgers["tuhui"], options.tuhui_key, options.data / "tuhui" / "files")
    mailbox = Mailbox(options.data / "mailbox" / "letters", ledgers["mailbox"])

    gateway = Gateway(options.gateway_url, options.chat_api_key, options.payment_secret, options.chat_owner)
    chat = Chat(options.data / "chat", ledgers["chat"], ledgers["bot"], gateway, options.samples, options.history_url)

    bot = Bot(ledgers["bot"], options.bot_secret, Conversations(ledgers["chat"], ledgers["bot"]))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with ExitStack() as stack:
            for ledger in ledgers.values():
                stack.enter_context(closing(ledger))
            stack.enter_context(closing(await start_smtp(mailbox, options.host, options.smtp_port)))
            async with asyncio.TaskGroup() as group:
                working = group.create_task(tuhui.work())
                yield
                working.cancel()
        await gateway.close()

    routes = [
        Route("/", _welcome),
        Route("/healthz", _health),
        Mount("/gemini", routes=Gemini(ledgers["gemini"], options.gemini_key, options.gemini_seconds).routes),
        Mount("/ark", routes=ark.routes),
        Mount("/bot", routes=bot.routes),
        Mount("/chat", routes=chat.routes),
        Mount("/wecom", routes=WeCom(ledgers["wecom"], options.wecom_key, options.wecom_per_minute).routes),
        Mount("/tuhui", routes=tuhui.routes),
        Mount("/mailbox", routes=mailbox.routes),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _welcome(request: Request) -> Response:
    return show(request, "welcome.html", {})


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})
