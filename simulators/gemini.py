"""Gemini's generateContent: pictures by real local edits, analyses and scores by measuring, each call on the ledger."""

import asyncio
import base64
import hashlib
import json
import time
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators import gemini_looks as looks
from simulators.gemini_pictures import edit
from simulators.gemini_wire import TOKENS_OF_OUTPUT_IMAGE, GenerateRequest, answer, error, usage
from simulators.ledger import Ledger

IMAGE_MODELS = {"gemini-3.1-flash-image", "gemini-3-pro-image"}
TEXT_MODELS = {"gemini-3.5-flash-lite", "gemini-3.5-flash"}

_SERVICE = {"service": "generativelanguage.googleapis.com"}
_BAD_KEY = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": _SERVICE,
}


class Gemini:
    """The models behind one key. An answer takes at least `seconds`, as a real one takes its time."""

    def __init__(self, ledger: Ledger, key: str, seconds: float) -> None:
        self._ledger = ledger
        self._key = key
        self._seconds = seconds

    @property
    def routes(self) -> list[Route]:
        """Return the one method that is simulated, and the ledger."""
        path = "/v1beta/models/{model}:generateContent"
        return [Route(path, self._generate_content, methods=["POST"]), self._ledger.route]

    async def _generate_content(self, request: Request) -> Response:
        model = request.path_params["model"]
        refusal = self._check_key(request) or _check_model(model)
        if refusal:
            return refusal
        try:
            asked = GenerateRequest.model_validate_json(await request.body())
        except ValidationError as problem:
            return error(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {problem.errors()[0]['msg']}")
        started = time.monotonic()
        try:
            kind, body = await asyncio.to_thread(_respond, model, asked)
        except ValueError as problem:
            return error(400, "INVALID_ARGUMENT", str(problem))
        await asyncio.sleep(self._seconds - (time.monotonic() - started))
        self._note(model, kind, asked, body)
        return JSONResponse(body)

    def _check_key(self, request: Request) -> Response | None:
        key = request.headers.get("x-goog-api-key")
        if not key:
            return error(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers. Please use API Key.")
        if key != self._key:
            return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", _BAD_KEY)
        return None

    def _note(self, model: str, kind: str, asked: GenerateRequest, body: dict[str, Any]) -> None:
        """Write a call down before it is answered: from here on it costs, whether or not the caller hears of it."""
        self._ledger.add(
            kind=kind,
            model=model,
            prompt=asked.prompt[:200],
            prompt_sha256=hashlib.sha256(asked.prompt.encode()).hexdigest(),
            input_sha256=[hashlib.sha256(picture).hexdigest() for picture in asked.pictures],
            response_id=body["responseId"],
            finish_reason=body["candidates"][0]["finishReason"],
            billed=True,
            usage=body["usageMetadata"],
        )


def _check_model(model: str) -> Response | None:
    if model in IMAGE_MODELS | TEXT_MODELS:
        return None
    return error(404, "NOT_FOUND", f"models/{model} is not found for API version v1beta.")


def _respond(model: str, asked: GenerateRequest) -> tuple[str, dict[str, Any]]:
    """Return what kind of call it is, and its answer. Raises ValueError for what the real one refuses as bad input."""
    if asked.wants_picture:
        return "image", _picture(model, asked)
    if not asked.answer_fields:
        raise ValueError("The simulator answers pictures, and JSON by a schema.")
    kind, said = looks.look(asked)
    text = json.dumps(said, ensure_ascii=False)
    used = usage(asked, {"TEXT": 1 + len(text.encode()) // 4})
    return kind, answer(model, [{"text": text}], "STOP", used)


def _picture(model: str, asked: GenerateRequest) -> dict[str, Any]:
    if model not in IMAGE_MODELS:
        raise ValueError("The requested combination of response modalities is not supported by the model.")
    if not asked.pictures:  # making pictures from words alone is nothing the shop asks for
        return answer(model, [], "NO_IMAGE", usage(asked, {}))
    config = asked.generation_config.image_config
    picture = edit(asked.pictures[0], asked.prompt, config.image_size, config.aspect_ratio)
    blob = {"mimeType": "image/jpeg", "data": base64.b64encode(picture).decode()}
    used = usage(asked, {"IMAGE": TOKENS_OF_OUTPUT_IMAGE[config.image_size]})
    return answer(model, [{"inlineData": blob}], "STOP", used)
