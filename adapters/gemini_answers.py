"""Reads Gemini's answers: its errors into ours, its refusals, its usage, its picture or JSON."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import httpx2
from google.genai import errors, types
from pydantic import BaseModel, ValidationError

from adapters.http import is_permanent, retry_after
from domain.errors import ModelAnswerUnusable, ModelError, ModelRefused, ModelUnavailable
from domain.ports import EncodedImage

Answer = TypeVar("Answer", bound=BaseModel)

# Asked again as it is, the same is refused again. Every other reason is worth another try.
REFUSALS = frozenset({
    "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "JAILBREAK",
    "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
})  # fmt: skip
# Nothing was sent yet when these happen.
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def classify(error: Exception) -> ModelError:
    """Turn an error of the SDK or of the network into one of ours; said once, here, for every kind of call."""
    if isinstance(error, errors.APIError):
        return _from_status(error)
    if isinstance(error, (httpx2.HTTPError, TimeoutError)):
        sent = not isinstance(error, _BEFORE_SENDING)
        return ModelUnavailable(f"Gemini cannot be reached: {error!r}", possibly_billed=sent)
    # A ValueError: status 200 with HTML or half a JSON in it, perhaps of a call that ran.
    return ModelAnswerUnusable(f"Gemini's answer is not its JSON: {error}"[:500], possibly_billed=True)


def _from_status(error: errors.APIError) -> ModelError:
    message = f"Gemini: {error.code} {error.status}: {error.message}"[:500]
    if is_permanent(error.code):
        return ModelRefused(message)
    return ModelUnavailable(
        message, retry_after=_retry_delay(error), possibly_billed=error.code == HTTPStatus.GATEWAY_TIMEOUT
    )


def _retry_delay(error: errors.APIError) -> timedelta | None:
    """Read `google.rpc.RetryInfo` from the error's details, else the Retry-After header."""
    delay = re.search(r'"retryDelay": "(\d+(?:\.\d+)?)s"', json.dumps(error.details))
    return timedelta(seconds=float(delay[1])) if delay else retry_after(getattr(error.response, "headers", {}))


def finish_reason(response: types.GenerateContentResponse) -> str | None:
    """Return why Gemini stopped: the candidate's finish reason, or why the prompt was blocked."""
    for candidate in response.candidates or []:
        if candidate.finish_reason:
            return str(candidate.finish_reason.value)
    blocked = response.prompt_feedback and response.prompt_feedback.block_reason
    return str(blocked.value) if blocked else None


def unusable(response: types.GenerateContentResponse, what: str) -> ModelError:
    """Return the error for an answer that lacks what was asked for: refused, or worth another try."""
    reason = finish_reason(response)
    billed = response.usage_metadata is None or bool(response.usage_metadata.total_token_count)
    kind = ModelRefused if reason in REFUSALS else ModelAnswerUnusable
    return kind(f"Gemini gave {what} ({reason})", finish_reason=reason, possibly_billed=billed)


def _parts(response: types.GenerateContentResponse) -> Iterable[types.Part]:
    for candidate in response.candidates or []:
        content = candidate.content
        yield from (content.parts if content else None) or []  # parts can be None


def picture_of(response: types.GenerateContentResponse) -> EncodedImage:
    """Return the picture in an answer. Raises ModelRefused or ModelAnswerUnusable."""
    for part in _parts(response):
        blob = part.inline_data
        if not part.thought and blob and blob.data:
            return EncodedImage(blob.data, blob.mime_type or "application/octet-stream")
    raise unusable(response, "no picture")


def json_of(response: types.GenerateContentResponse, model: type[Answer]) -> Answer:
    """Return the JSON in an answer as a model. Raises ModelRefused or ModelAnswerUnusable."""
    text = "".join(part.text for part in _parts(response) if part.text and not part.thought)
    if not text:
        raise unusable(response, "no text")
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise unusable(response, f"JSON that does not fit: {error.errors(include_url=False)[:3]}") from error


def tokens(total: int | None, details: list[types.ModalityTokenCount] | None, rest: str = "text") -> dict[str, int]:
    """Count tokens by modality, lower-case; what the details leave out counts as `rest`."""
    counts: dict[str, int] = {}
    for detail in details or []:
        modality = detail.modality.value.lower() if detail.modality else rest
        counts[modality] = counts.get(modality, 0) + (detail.token_count or 0)
    missing = (total or 0) - sum(counts.values())
    if missing > 0:
        counts[rest] = counts.get(rest, 0) + missing
    return counts


def usage(response: types.GenerateContentResponse) -> dict[str, Any]:
    """Return input and output tokens by modality, thinking as a modality of its own, as ModelCall's fields."""
    said = response.usage_metadata
    if said is None:
        return {}
    output = tokens(said.candidates_token_count, said.candidates_tokens_details)
    if said.thoughts_token_count:
        output["thoughts"] = said.thoughts_token_count
    return {"input_tokens": tokens(said.prompt_token_count, said.prompt_tokens_details), "output_tokens": output}
