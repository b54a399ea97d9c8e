"""Gemini's generateContent: real local edits, measured analyses and scores; every call is in the ledger."""

import asyncio
import hashlib
import time
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.common.faults import Outcome
from simulators.common.ledger import Ledger
from simulators.gemini.answers import IMAGE_MODELS, TEXT_MODELS, Body, respond
from simulators.gemini.failing import fail
from simulators.gemini.faults import GeminiFault, waiting_faults
from simulators.gemini.wire import GenerateRequest, bad_key, error


class Gemini:
    """The models with one API key. A response takes at least `seconds`."""

    def __init__(self, ledger: Ledger, key: str, seconds: float) -> None:
        self._ledger = ledger
        self._key = key
        self._seconds = seconds
        self._faults = waiting_faults()

    @property
    def routes(self) -> list[Route]:
        """Return the routes: the simulated method, faults, and the ledger."""
        path = "/v1beta/models/{model}:generateContent"
        return [
            Route(path, self._generate_content, methods=["POST"]),
            *self._faults.routes,
            self._ledger.route,
        ]

    async def _generate_content(self, request: Request) -> Response:
        model = request.path_params["model"]
        refusal = self._check_key(request) or _check_model(model)
        if refusal:
            return self._note(Outcome(refusal), model=model)
        try:
            asked = GenerateRequest.model_validate_json(await request.body())
        except ValidationError as problem:
            words = f"Invalid JSON payload received. {problem.errors()[0]['msg']}"
            return self._note(Outcome(error(400, "INVALID_ARGUMENT", words)), model=model)
        started = time.monotonic()
        fault = self._faults.take(asked.kind, asked.input_sha256)
        outcome = await asyncio.to_thread(_run, model, asked, fault)
        if outcome.billed:
            await asyncio.sleep(self._seconds - (time.monotonic() - started))
        return self._note(outcome, model=model, fault=fault and fault.fault, **_facts(asked))

    def _check_key(self, request: Request) -> Response | None:
        key = request.headers.get("x-goog-api-key")
        if not key:
            return error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers. Please use API Key.")
        return None if key == self._key else bad_key("API key not valid. Please pass a valid API key.")

    def _note(self, outcome: Outcome, **facts: Any) -> Response:
        """Record a call before answering it: it costs whether or not the caller receives the answer."""
        entry = {"kind": None, "fault": None} | facts
        body = outcome.body
        self._ledger.add(
            **entry,
            response_id=body.get("responseId"),
            finish_reason=_finish_reason(body),
            status=outcome.response.status_code,
            billed=outcome.billed,
            usage=body.get("usageMetadata"),
        )
        return outcome.response


def _check_model(model: str) -> Response | None:
    if model in IMAGE_MODELS | TEXT_MODELS:
        return None
    return error(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta.")


def _run(model: str, asked: GenerateRequest, fault: GeminiFault | None) -> Outcome:
    try:
        if fault:
            return fail(fault, model, asked)
        body = respond(model, asked)
    except ValueError as problem:
        return Outcome(error(400, "INVALID_ARGUMENT", str(problem)))
    return Outcome(JSONResponse(body), billed=True, body=body)


def _facts(asked: GenerateRequest) -> dict[str, Any]:
    return {
        "kind": asked.kind,
        "prompt": asked.prompt[:200],
        "prompt_sha256": hashlib.sha256(asked.prompt.encode()).hexdigest(),
        "input_sha256": asked.input_sha256,
    }


def _finish_reason(body: Body) -> str | None:
    """Return the finish reason or the block reason."""
    if not body:
        return None
    reason: str = (
        body["candidates"][0]["finishReason"] if "candidates" in body else body["promptFeedback"]["blockReason"]
    )
    return reason
