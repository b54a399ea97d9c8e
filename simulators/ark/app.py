"""Seedream on Volcengine Ark: real local edits, served by expiring links; every call is in the ledger."""

import asyncio
import hashlib
import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.ark.answers import respond
from simulators.ark.faults import waiting_faults
from simulators.ark.files import Files
from simulators.ark.pictures import read_inputs
from simulators.ark.wire import ArkError, ImagesRequest, read
from simulators.common.faults import Outcome
from simulators.common.ledger import Ledger


class Ark:
    """The image models with one API key. A picture takes at least `seconds`."""

    def __init__(self, ledger: Ledger, key: str, seconds: float, folder: Path) -> None:
        self._ledger = ledger
        self._key = key
        self._seconds = seconds
        self._files = Files(folder, ledger)
        self._faults = waiting_faults()

    @property
    def routes(self) -> list[Route]:
        """Return the routes: the simulated method, picture downloads, faults, and the ledger."""
        return [
            Route("/api/v3/images/generations", self._generate, methods=["POST"]),
            self._files.route,
            *self._faults.routes,
            self._ledger.route,
        ]

    async def _generate(self, request: Request) -> Response:
        """Record a call before answering it: it costs whether or not the caller receives the answer."""
        facts: dict[str, Any] = {"kind": "image", "fault": None}
        try:
            outcome = await self._answer(request, facts)
        except ArkError as refusal:
            outcome = Outcome(refusal.response)
        self._ledger.add(
            **facts,
            status=outcome.response.status_code,
            billed=outcome.billed,
            generated_images=outcome.body.get("usage", {}).get("generated_images"),
        )
        return outcome.response

    async def _answer(self, request: Request, facts: dict[str, Any]) -> Outcome:
        """Return the outcome of a call, collecting facts for the ledger. Raises ArkError."""
        if request.headers.get("authorization") != f"Bearer {self._key}":
            raise ArkError(401, "AuthenticationError", "The API key in the request is missing or invalid.")
        asked = read(await request.body())
        facts.update(_facts(asked))
        inputs = await asyncio.to_thread(read_inputs, asked)
        facts["input_sha256"] = [hashlib.sha256(data).hexdigest() for data in inputs]
        fault = self._faults.take("image", facts["input_sha256"])
        facts["fault"] = fault and fault.fault
        started = time.monotonic()
        base = f"{str(request.base_url).rstrip('/')}{request.scope['root_path']}"
        outcome = await asyncio.to_thread(respond, asked, inputs, fault, self._files, base)
        if outcome.billed:
            await asyncio.sleep(self._seconds - (time.monotonic() - started))
        return outcome


def _facts(asked: ImagesRequest) -> dict[str, Any]:
    return {
        "model": asked.model,
        "prompt": asked.prompt[:200],
        "prompt_sha256": hashlib.sha256(asked.prompt.encode()).hexdigest(),
        "size": asked.size,
        "watermark": asked.watermark,
    }
