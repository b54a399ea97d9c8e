"""A gateway with plans of its own, and clients of its users."""

import io
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import obstore
import pytest
from PIL import Image
from sqlalchemy import Interval, literal, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.models import TaskRow
from adapters.identity.tokens import Tokens
from adapters.storage.files import S3Files
from runtime import wiring
from runtime.settings import Settings
from tests.conftest import Servers
from tests.integration.conftest import Storage
from tests.integration.gateway.serving import app_with, served

API = "/api/task-history"
PLANS = {
    "free": {
        "records_per_month": 3, "upload_mb": 1, "storage_mb": 1, "credits_per_month": 2, "may_export": False,
    },
    "pro": {
        "records_per_month": 10_000, "upload_mb": 30, "storage_mb": 10_000, "credits_per_month": 1000,
        "may_export": True,
    },
}  # fmt: skip
NEW = {
    "task_type": "image_edit",
    "prompt": "背景换成白色",
    "aspect_ratio": "3:4",
    "model_version": "gemini-3.1-flash-image",
}


@dataclass
class HistoryGate:
    """A gateway, what signs its users in, and what lies behind it."""

    url: str
    settings: Settings
    tokens: Tokens
    files: S3Files
    engine: AsyncEngine
    clients: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def user(self, plan: str = "pro", user_id: UUID | None = None) -> "Client":
        token = self.tokens.issue(user_id or uuid.uuid4(), plan, 1)
        return await self.with_token(token)

    async def with_token(self, token: str | None) -> "Client":
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return await self.clients.enter_async_context(Client(base_url=self.url, headers=headers, timeout=60))

    async def pass_time(self, by: timedelta) -> None:
        """Let time pass for what is in the bin, whose clock is that of Postgres."""
        moved = (
            update(TaskRow)
            .where(TaskRow.deleted_at.is_not(None))
            .values(deleted_at=TaskRow.deleted_at - literal(by, Interval))
        )
        async with self.engine.begin() as connection:
            await connection.execute(text("SET LOCAL ROLE darkroom_worker"))
            await connection.execute(moved)

    async def keys(self) -> set[str]:
        """Return all keys in storage below `task-history/`."""
        return {str(entry["path"]) for entry in await obstore.list(self.files._store, "task-history").collect_async()}


class Client(httpx.AsyncClient):
    """A client of a user."""

    async def create(self, **changed: Any) -> dict[str, Any]:
        answer = await self.post(f"{API}/tasks", json=NEW | changed)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def complete(self, task_id: str, data: bytes | None = None, **more: Any) -> dict[str, Any]:
        body = {"generated_image_data": data_url(data or picture())} | more
        answer = await self.put(f"{API}/tasks/{task_id}/complete", json=body)
        assert answer.status_code == 200, answer.text
        ended: dict[str, Any] = answer.json()
        return ended

    async def completed(self, **changed: Any) -> dict[str, Any]:
        return await self.complete((await self.create(**changed))["id"])


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def data_url(data: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


async def shown(url: str) -> httpx.Response:
    """Return an image behind a link of a record, as a browser gets it: without a token."""
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        return await browser.get(url)


@pytest.fixture(scope="module")
async def history(
    servers: Servers, postgres_url: str, storage: Storage, temporal_address: str, namespace: str
) -> AsyncIterator[HistoryGate]:
    values: dict[str, Any] = {
        "database_url": servers.database_url_of("darkroom_gateway"),  # not an administrator, who may do anything
        "database_schema": f"history_{uuid.uuid4().hex[:8]}",
        "temporal_address": temporal_address,
        "temporal_namespace": namespace,
        "s3_endpoint_url": storage.endpoint_url,
        "s3_bucket_name": storage.bucket,
        "aws_access_key_id": storage.access_key_id,
        "aws_secret_access_key": storage.secret_access_key,
        "token_secret": "a secret of the tests, long enough for it",
        "plans": PLANS,
        "requests_per_minute": 100_000,
        "public_requests_per_minute": 100_000,
    }
    settings = Settings(_env_file=None, **values)
    await migrate.upgrade(postgres_url, settings.database_schema)
    administrator = create_engine(postgres_url, settings.database_schema)
    with served(app_with(**values | {"gateway_url": "http://gateway.test"})) as url:
        gate = HistoryGate(url, settings, wiring.tokens(settings), wiring.files(settings), administrator)
        await gate.files.put("first", b"-", "text/plain")  # makes the bucket
        yield gate
        await gate.clients.aclose()
        await gate.engine.dispose()


@pytest.fixture
async def user(history: HistoryGate) -> Client:
    return await history.user()


@pytest.fixture
async def stranger(history: HistoryGate) -> Client:
    return await history.user()
