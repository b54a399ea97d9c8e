"""Interprets Gemini's responses: errors, refusals, usage, pictures and JSON."""

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
from adapters.model_statuses import is_of_set_up, is_timed_out, passes
from domain.ports import EncodedImage
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

Answer = TypeVar("Answer", bound=BaseModel)

# The same request is refused again, perhaps not by another provider. Every other reason is worth a retry.
REFUSALS = frozenset({"SAFETY", "RECITATION", "JAILBREAK", "IMAGE_SAFETY", "IMAGE_RECITATION"})
# Forbidden by the provider's terms, or personal data: staff must look before another provider is tried.
FORBIDDEN = frozenset({"PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "BLOCKLIST", "SPII"})
# Errors before anything was sent; the others are caused by an invalid key or URL.
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_NEVER_SENT = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeEncodeError)
# An invalid key is answered with 400.
_KEY_TROUBLE = re.compile(r"API_KEY_|API key", re.IGNORECASE)


def classify(error: Exception) -> ModelError:
    """Return our error for an error of the SDK or the network, for all kinds of calls."""
    if isinstance(error, errors.APIError):
        return _from_status(error)
    if isinstance(error, _NEVER_SENT):  # its message may contain the key
        return ModelNotSetUp("invalid key or URL for Gemini; check for spaces or line breaks")
    if isinstance(error, _BEFORE_SENDING):
        return ModelUnavailable(f"Gemini cannot be reached: {error!r}", Outcome.UNREACHABLE)
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return ModelUnavailable(f"Gemini did not answer in time: {error!r}", Outcome.TIMED_OUT, possibly_billed=True)
    if isinstance(error, httpx2.HTTPError):
        return ModelUnavailable(f"Gemini's response was cut off: {error!r}", Outcome.CUT_OFF, possibly_billed=True)
    # Status 200 with HTML, incomplete JSON or another format. The model may have run.
    message = f"Gemini's answer is not its JSON: {error!r}"[:500]
    return ModelAnswerUnusable(message, Outcome.GARBLED, possibly_billed=True)


def _from_status(error: errors.APIError) -> ModelError:
    detail = f"{error.code} {error.status}: {error.message}"[:500]
    message = f"Gemini: {detail}"
    is_ours = error.status == "FAILED_PRECONDITION" or _KEY_TROUBLE.search(json.dumps(error.details))
    if is_permanent(error.code) and (is_of_set_up(error.code) or is_ours):
        return ModelNotSetUp(message, detail=detail)
    if not passes(error.code, error.message or ""):
        return ModelRefused(message, Outcome.BAD_INPUT, detail=detail)
    if is_timed_out(error.code):
        return ModelUnavailable(message, Outcome.TIMED_OUT, possibly_billed=True, detail=detail)
    outcome = Outcome.BUSY if error.code == HTTPStatus.TOO_MANY_REQUESTS else Outcome.BROKEN
    return ModelUnavailable(message, outcome, retry_after=_retry_delay(error), detail=detail)


def _retry_delay(error: errors.APIError) -> timedelta | None:
    """Return the delay of `google.rpc.RetryInfo` in the error's details, else of the Retry-After header."""
    delay = re.search(r'"retryDelay": "(\d{1,7}(?:\.\d+)?)s"', json.dumps(error.details))
    return timedelta(seconds=float(delay[1])) if delay else retry_after(getattr(error.response, "headers", {}))


def finish_reason(response: types.GenerateContentResponse) -> str | None:
    """Return why Gemini stopped: the candidate's finish reason, or why the prompt was blocked."""
    for candidate in response.candidates or []:
        if candidate.finish_reason:
            return str(getattr(candidate.finish_reason, "value", candidate.finish_reason))
    blocked = response.prompt_feedback and response.prompt_feedback.block_reason
    return str(blocked.value) if blocked else None


def unusable(response: types.GenerateContentResponse, call: ModelCall, what: str, outcome: Outcome) -> ModelError:
    """Return the error for a response without the requested content: refused, or worth a retry."""
    kind: type[ModelError] = ModelAnswerUnusable
    if call.finish_reason in FORBIDDEN:
        kind, outcome = ModelRefused, Outcome.FORBIDDEN
    elif call.finish_reason in REFUSALS:
        kind, outcome = ModelRefused, Outcome.REFUSED
    is_counted = response.usage_metadata is not None  # then its cost is known
    message, detail = f"Gemini gave {what} ({call.finish_reason})", call.finish_reason or ""
    return kind(message, outcome, call=call, possibly_billed=not is_counted, detail=detail)


def _parts(response: types.GenerateContentResponse) -> Iterable[types.Part]:
    for candidate in response.candidates or []:
        content = candidate.content
        for part in (content.parts if content else None) or []:  # parts can be None
            if not part.thought:
                yield part


def pictures_of(response: types.GenerateContentResponse, call: ModelCall) -> tuple[EncodedImage, ...]:
    """Return the pictures in a response, usually one. Raises ModelRefused or ModelAnswerUnusable."""
    blobs = [part.inline_data for part in _parts(response) if part.inline_data and part.inline_data.data]
    if not blobs:
        words = " ".join(part.text for part in _parts(response) if part.text)
        if words:
            raise unusable(response, call, f"words instead of a picture: {words[:200]!r}", Outcome.ONLY_WORDS)
        raise unusable(response, call, "no picture", Outcome.NO_PICTURE)
    return tuple(EncodedImage(blob.data, blob.mime_type or "application/octet-stream") for blob in blobs if blob.data)


def json_of(response: types.GenerateContentResponse, call: ModelCall, model: type[Answer]) -> Answer:
    """Return the JSON in a response, validated as `model`. Raises ModelRefused or ModelAnswerUnusable."""
    text = "".join(part.text for part in _parts(response) if part.text)
    if not text:
        raise unusable(response, call, "no text", Outcome.GARBLED)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        misfits = error.errors(include_url=False)[:3]
        raise unusable(response, call, f"JSON that does not fit: {misfits}", Outcome.GARBLED) from error


def tokens(total: int | None, details: list[types.ModalityTokenCount] | None, rest: str = "text") -> dict[str, int]:
    """Return tokens by lower-case modality; tokens not in the details count as `rest`."""
    counts: dict[str, int] = {}
    for detail in details or []:
        modality = detail.modality.value.lower() if detail.modality else rest
        counts[modality] = counts.get(modality, 0) + (detail.token_count or 0)
    missing = (total or 0) - sum(counts.values())
    if missing > 0:
        counts[rest] = counts.get(rest, 0) + missing
    return counts


def usage(response: types.GenerateContentResponse, output_rest: str = "text") -> dict[str, Any]:
    """Return input and output tokens by modality (thinking is one) as fields of ModelCall.

    Output tokens without a modality count as `output_rest`.
    """
    said = response.usage_metadata
    if said is None:
        return {}
    rest = output_rest if not said.candidates_tokens_details else "text"
    output = tokens(said.candidates_token_count, said.candidates_tokens_details, rest)
    if said.thoughts_token_count:
        output["thoughts"] = said.thoughts_token_count
    return {"input_tokens": tokens(said.prompt_token_count, said.prompt_tokens_details), "output_tokens": output}
