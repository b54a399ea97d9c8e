"""A gateway with the page 任务记录, and users with records."""

import io
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page

from adapters.db import migrate
from adapters.storage.files import S3Files
from domain.task_history.users import User
from runtime import wiring
from runtime.paths import ROOT
from runtime.settings import Settings
from tests.browser.conftest import PHONE, TIMEOUT_MS
from tests.integration.gateway.serving import app_with, served, signed_in

DESKTOP = {"width": 1280, "height": 900}
PROMPTS = (
    "把背景换成纯白色,保留头发细节",
    "电商主图:陶瓷杯,柔和阴影",
    "A cosy coffee shop at dusk",
    "修复老照片:去划痕,上色",
)
# Violations of the content security policy become errors on the console, which the tests read.
WATCH = """
addEventListener('securitypolicyviolation', event =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""
READY = "html[data-ready]"


@dataclass(frozen=True)
class Someone:
    """A user with a token and records, newest first."""

    user: User
    token: str
    ids: list[uuid.UUID] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """A gateway, and what fills its tables."""

    url: str
    settings: Settings
    owner: asyncpg.Connection
    files: S3Files

    async def someone(self, count: int = 0, plan: str = "pro", apart: timedelta = timedelta(minutes=37)) -> Someone:
        """Return a new user with so many records, each `apart` from the next.

        The first is pending, the second an edited image with its original, the third failed; the others are done.
        """
        user = User(uuid.uuid4(), plan=plan)
        token = wiring.tokens(self.settings).issue(user.user_id, plan, hours=1)
        rows = [self._row(user, index, count, apart) for index in range(count)]
        if rows:
            await self._pictures(user)
            await self.owner.copy_records_to_table(
                "user_task_history",
                schema_name=self.settings.database_schema,
                columns=list(rows[0]),
                records=[tuple(row.values()) for row in rows],
            )
        return Someone(user, token, [row["id"] for row in rows])

    async def cookie(self, someone: Someone) -> str:
        """Sign a user in, and return the cookie."""
        return await signed_in(self.url, someone.token, "user")

    async def run(self, statement: str, *values: Any) -> None:
        """Run a statement as the owner of the tables."""
        await self.owner.execute(f'SET search_path TO "{self.settings.database_schema}"')
        await self.owner.execute(statement, *values)

    def _row(self, user: User, index: int, count: int, apart: timedelta) -> dict[str, Any]:
        at = datetime.now(UTC) - index * apart
        status = {0: "pending", 2: "failed"}.get(index, "completed")
        is_edit, is_done = index % 5 == 1, status == "completed"
        return {
            "id": uuid.uuid4(),
            "user_id": user.user_id,
            "task_type": "image_edit" if is_edit else "image_generation",
            "prompt": f"{PROMPTS[index % len(PROMPTS)]} #{count - index}",
            "status": status,
            "error_message": "模型拒绝了这个请求" if status == "failed" else None,
            "aws_original_key": f"task-history/{user.user_id}/original.jpg" if is_edit else None,
            "aws_generated_key": f"task-history/{user.user_id}/generated.jpg" if is_done else None,
            "tokens_used": 1200 + index if is_done else None,
            "credits_deducted": 0 if status == "failed" else 1,
            "generation_time_ms": 8000 if is_done else None,
            "favourite": index % 7 == 3,
            "created_at": at,
            "completed_at": None if status == "pending" else at,
        }

    async def _pictures(self, user: User) -> None:
        for name, photo in (("original", "coffee.jpg"), ("generated", "chelsea.png")):
            with Image.open(ROOT / "demo" / "photos" / photo) as whole:
                for ending, size in (("", 800), ("-thumb", 480)):
                    picture, out = whole.convert("RGB"), io.BytesIO()
                    picture.thumbnail((size, size))
                    picture.save(out, "JPEG")
                    await self.files.put(
                        f"task-history/{user.user_id}/{name}{ending}.jpg", out.getvalue(), "image/jpeg"
                    )


@pytest.fixture(scope="session")
async def history(postgres_url: str, storage_settings: Mapping[str, str]) -> AsyncIterator[History]:
    values: dict[str, Any] = {
        "database_url": postgres_url,
        "database_schema": f"page_{uuid.uuid4().hex[:8]}",
        "temporal_address": "127.0.0.1:1",
        "s3_endpoint_url": storage_settings["S3_ENDPOINT_URL"],
        "s3_bucket_name": f"page-{uuid.uuid4().hex[:8]}",
        "aws_access_key_id": storage_settings["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": storage_settings["AWS_SECRET_ACCESS_KEY"],
        "requests_per_minute": 100_000,
        "public_requests_per_minute": 100_000,
    }
    settings = Settings(_env_file=None, **values)
    await migrate.upgrade(settings.database_url, settings.database_schema)
    owner = await asyncpg.connect(postgres_url.replace("+asyncpg", ""))
    with served(app_with(**values)) as url:
        yield History(url, settings, owner, wiring.files(settings))
    await owner.close()


@dataclass(frozen=True)
class Visit:
    """A page of a signed-in user."""

    page: Page
    someone: Someone
    url: str

    async def open(self, path: str = "/history/") -> None:
        """Open a page of the history, and wait until its scripts are ready."""
        await self.page.goto(self.url + path)
        await self.page.wait_for_selector(READY)


@pytest.fixture
async def visits(chromium: Browser, history: History, request: pytest.FixtureRequest) -> AsyncIterator["Visits"]:
    made = Visits(chromium, history, request.node.name)
    failed_before = request.session.testsfailed
    yield made
    await made.close(is_failed=request.session.testsfailed > failed_before)


class Visits:
    """Opens the page for users; what a page complains of is in `complaints`."""

    def __init__(self, chromium: Browser, history: History, name: str) -> None:
        self._chromium, self._history, self._name = chromium, history, name
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def of(
        self,
        someone: Someone | None = None,
        count: int = 12,
        *,
        path: str = "/history/",
        phone: bool = False,
        **options: Any,
    ) -> Visit:
        """Return a page that a user, by default a new one with `count` records, has opened."""
        someone = someone or await self._history.someone(count)
        page = await self.page(someone, phone=phone, **options)
        visit = Visit(page, someone, self._history.url)
        await visit.open(path)
        return visit

    async def page(self, someone: Someone | None = None, *, phone: bool = False, **options: Any) -> Page:
        """Return an empty page, signed in if a user is given."""
        options = {"viewport": PHONE if phone else DESKTOP, "locale": "zh-CN"} | options
        context = await self._chromium.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        await context.add_init_script(WATCH)
        if someone:
            name, _, value = (await self._history.cookie(someone)).partition("=")
            await context.add_cookies(
                [
                    {
                        "name": name,
                        "value": value,
                        "domain": "127.0.0.1",
                        "path": "/",
                        "httpOnly": True,
                        "sameSite": "Strict",
                    }
                ]
            )
        page = await context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        """Note what a page complains of."""
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def close(self, *, is_failed: bool) -> None:
        """Close everything; keep a screenshot of a test that failed."""
        for number, context in enumerate(self._contexts):
            for page in context.pages:
                if is_failed:
                    await page.screenshot(path=ROOT / "test-logs" / f"{self._name}-{number}.png")
            await context.close()
