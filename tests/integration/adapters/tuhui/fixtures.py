"""A Tuhui that answers what a test scripts, and hears what it is asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapters.tuhui.client import Tuhui, TuhuiOptions
from tests.integration.adapters.conftest import Answer, reply

KEY = "sesame-key"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as http:
        yield http


def tuhui(port: int, client: httpx.AsyncClient, key: str = KEY, **options: Any) -> Tuhui:
    return Tuhui(f"http://127.0.0.1:{port}/api/", key, client, TuhuiOptions(**options))


def said(value: Any, status: str = "200 OK", **headers: str) -> bytes:
    """An answer in JSON."""
    return reply(status, json.dumps(value, ensure_ascii=False).encode(), **headers)


def queue(*descriptions: Any, count: int | None = None, **more: Any) -> bytes:
    """The queue with tasks t1, t2, … of these descriptions."""
    tasks = [{"task_id": f"t{n}", "description": words} for n, words in enumerate(descriptions, 1)]
    pending = {"count": len(tasks) if count is None else count, "tasks": tasks}
    return said({"pending_tasks": pending, "online_designers": {"count": 0, "designers": []}, **more})


class Heard:
    """Answers one call after the other with what is next, and keeps what was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.lines: list[str] = []
        self.heads: list[str] = []
        self.bodies: list[Any] = []
        self._answers = list(answers)

    @property
    def answer(self) -> Answer:
        return self._answer

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head.lower())
        self.lines.append(head.partition(" HTTP/")[0])
        length = next((line for line in head.lower().splitlines() if line.startswith("content-length:")), ":0")
        body = await reader.readexactly(int(length.partition(":")[2]))
        self.bodies.append(json.loads(body) if body else None)
        writer.write(self._answers.pop(0))
