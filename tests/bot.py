"""A chat bot that checks signatures on the very bytes it receives, and comes to grief as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from tests.integration.simulators_fixtures import BOT_SECRET


@dataclass(frozen=True)
class Heard:
    """One request: where it came to, its `webhook-id`, and what was said."""

    path: str
    message_id: str
    said: dict[str, Any]


@dataclass
class Bot:
    """What was heard, and what is to be answered next: a status, or "lost" where the answer never arrives."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request, and write down what was said where its signature is that of its bytes."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        try:
            Webhook(BOT_SECRET).verify(body, headers, json_parse=False)
        except WebhookVerificationError:
            status = "401 Signature refused"
        else:
            self.heard.append(Heard(head.split(" ")[1], headers["webhook-id"], json.loads(body)))
            status = self.answers.pop(0) if self.answers else "200 OK"
        if status != "lost":
            writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()


@asynccontextmanager
async def running_bot() -> AsyncIterator[Bot]:
    """A bot on a port of its own."""
    bot = Bot()
    async with await asyncio.start_server(bot.answer, "127.0.0.1", 0) as server:
        bot.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield bot
