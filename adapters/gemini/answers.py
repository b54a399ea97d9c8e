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
from adapters.model_statuses import is_of_set_up, is_timed_out, passes
from domain.ports import EncodedImage
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

Answer = TypeVar("Answer", bound=BaseModel)

# Asked again as it is, the same is refused again; filters differ between providers. Every other reason is worth a try.
REFUSALS = frozenset({"SAFETY", "RECITATION", "JAILBREAK", "IMAGE_SAFETY", "IMAGE_RECITATION"})
# What is forbidden by the provider's terms, or personal: nobody else is asked before people have seen it.
FORBIDDEN = frozenset({"PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT", "BLOCKLIST", "SPII"})
# Nothing was sent yet when these happen; the others come of a key or an address that cannot be sent at all.
_BEFORE_SENDING = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
_NEVER_SENT = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, UnicodeEncodeError)
# A bad key is answered with 400.
_KEY_TROUBLE = re.compile(r"API_KEY_|API key", re.IGNORECASE)


def classify(error: Exception) -> ModelError:
    """Turn an error of the SDK or of the network into one of ours; said once, here, for every kind of call."""
    if isinstance(error, errors.APIError):
        return _from_status(error)
    if isinstance(error, _NEVER_SENT):  # what it says may hold the key
        return ModelNotSetUp("Gemini's key or address is none: one with a blank or a line break in it, perhaps")
    if isinstance(error, _BEFORE_SENDING):
        return ModelUnavailable(f"Gemini cannot be reached: {error!r}", Outcome.UNREACHABLE)
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return ModelUnavailable(f"Gemini did not answer in time: {error!r}", Outcome.TIMED_OUT, possibly_billed=True)
    if isinstance(error, httpx2.HTTPError):
        return ModelUnavailable(f"Gemini's answer broke off: {error!r}", Outcome.CUT_OFF, possibly_billed=True)
    # Status 200 with HTML, half a JSON or another shape in it, at which the SDK fails as it may: perhaps it ran.
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
    """Read `google.rpc.RetryInfo` from the error's details, else the Retry-After header."""
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
    """Return the error for an answer that lacks what was asked for: refused, or worth another try."""
    kind: type[ModelError] = ModelAnswerUnusable
    if call.finish_reason in FORBIDDEN:
        kind, outcome = ModelRefused, Outcome.FORBIDDEN
    elif call.finish_reason in REFUSALS:
        kind, outcome = ModelRefused, Outcome.REFUSED
    is_counted = response.usage_metadata is not None  # then it is known what it costs
    message, detail = f"Gemini gave {what} ({call.finish_reason})", call.finish_reason or ""
    return kind(message, outcome, call=call, possibly_billed=not is_counted, detail=detail)


def _parts(response: types.GenerateContentResponse) -> Iterable[types.Part]:
    for candidate in response.candidates or []:
        content = candidate.content
        for part in (content.parts if content else None) or []:  # parts can be None
            if not part.thought:
                yield part


def pictures_of(response: types.GenerateContentResponse, call: ModelCall) -> tuple[EncodedImage, ...]:
    """Return the pictures in an answer: one as a rule. Raises ModelRefused or ModelAnswerUnusable."""
    blobs = [part.inline_data for part in _parts(response) if part.inline_data and part.inline_data.data]
    if not blobs:
        words = " ".join(part.text for part in _parts(response) if part.text)
        if words:
            raise unusable(response, call, f"words instead of a picture: {words[:200]!r}", Outcome.ONLY_WORDS)
        raise unusable(response, call, "no picture", Outcome.NO_PICTURE)
    return tuple(EncodedImage(blob.data, blob.mime_type or "application/octet-stream") for blob in blobs if blob.data)


def json_of(response: types.GenerateContentResponse, call: ModelCall, model: type[Answer]) -> Answer:
    """Return the JSON in an answer as a model. Raises ModelRefused or ModelAnswerUnusable."""
    text = "".join(part.text for part in _parts(response) if part.text)
    if not text:
        raise unusable(response, call, "no text", Outcome.GARBLED)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        misfits = error.errors(include_url=False)[:3]
        raise unusable(response, call, f"JSON that does not fit: {misfits}", Outcome.GARBLED) from error


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


def usage(response: types.GenerateContentResponse, output_rest: str = "text") -> dict[str, Any]:
    """Return input and output tokens by modality, thinking as a modality of its own, as ModelCall's fields.

    Output whose modality is not told counts as `output_rest`.
    """
    said = response.usage_metadata
    if said is None:
        return {}
    rest = output_rest if not said.candidates_tokens_details else "text"
    output = tokens(said.candidates_token_count, said.candidates_tokens_details, rest)
    if said.thoughts_token_count:
        output["thoughts"] = said.thoughts_token_count
    return {"input_tokens": tokens(said.prompt_token_count, said.prompt_tokens_details), "output_tokens": output}
