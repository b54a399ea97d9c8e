"""Interprets Ark's responses: errors, pictures and usage."""

import re
from typing import Annotated, Any

import httpx
from pydantic import BaseModel, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator, model_validator
from pydantic_core.core_schema import ValidationInfo

from adapters.http import retry_after
from adapters.model_statuses import passes
from adapters.seedream.error_codes import Kind, kind_of_code, kind_of_status
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

MOST_PICTURES = 15  # per response, by Ark's limit
MOST_WORDS = 400  # characters of Ark's message in ours

# Errors before anything was sent; the others are caused by an invalid key or URL.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError)
NETWORK_ERRORS = (httpx.TransportError, TimeoutError, *_NEVER_SENT)

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Tolerant(BaseModel):
    """A part of a response, where invalid fields count as absent: other pictures in it are already paid for."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _odd_is_absent(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return cls.model_fields[info.field_name or ""].get_default(call_default_factory=True)


class ArkError(_Tolerant):
    """The error of a call, or of one of its pictures."""

    code: str = ""
    message: str = ""

    @model_validator(mode="before")
    @classmethod
    def _may_be_words(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"message": value}

    def __bool__(self) -> bool:
        return bool(self.code or self.message)

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.code, self.message)))[:MOST_WORDS]

    @property
    def kind(self) -> Kind | None:
        """Our kind of error; None for an unknown code."""
        return kind_of_code(self.code[:MOST_WORDS], self.message[:MOST_WORDS])


class _Item(_Tolerant):
    url: str | None = None
    error: ArkError | None = None

    @model_validator(mode="before")
    @classmethod
    def _may_be_anything(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {}


class _Usage(_Tolerant):
    generated_images: Count | None = None
    output_tokens: Count = 0


class _Answer(_Tolerant):
    """The body of any response: status 200 may contain errors, too, with or without pictures."""

    data: list[_Item] = Field(default_factory=list)
    usage: _Usage = Field(default_factory=_Usage)
    error: ArkError | None = None


class Answered(BaseModel):
    """The result of a call: expiring URLs of pictures, and errors of the others."""

    urls: list[str]
    errors: list[ArkError]
    generated_images: int
    output_tokens: int
    is_counted: bool = True  # by Ark; else `generated_images` is our own count


def classify(error: Exception) -> ModelError:
    """Return our error for a network error."""
    if isinstance(error, _NEVER_SENT):  # its message may contain the key
        return ModelNotSetUp("invalid key or URL for Seedream; check for spaces or line breaks")
    said = repr(error)[:MOST_WORDS]
    if isinstance(error, _BEFORE_SENDING):
        return ModelUnavailable(f"Seedream cannot be reached: {said}", Outcome.UNREACHABLE)
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return ModelUnavailable(f"Seedream did not answer in time: {said}", Outcome.TIMED_OUT, possibly_billed=True)
    return ModelUnavailable(f"Seedream's response was cut off: {said}", Outcome.CUT_OFF, possibly_billed=True)


def read(status: int, headers: httpx.Headers, body: bytes) -> Answered:
    """Parse a complete response. Raises ModelError."""
    try:
        answer = _Answer.model_validate_json(body)
    except ValidationError:
        answer = None
    if not httpx.codes.is_success(status):
        raise _from_error(status, headers, (answer and answer.error) or ArkError(message=_shown(body)))
    if answer is None:
        message = f"Seedream's answer is not its JSON: {_shown(body)}"
        raise ModelAnswerUnusable(message, Outcome.GARBLED, possibly_billed=True)
    urls = [item.url for item in answer.data if item.url][:MOST_PICTURES]
    errors = [error for error in (answer.error, *(item.error for item in answer.data)) if error][:MOST_PICTURES]
    counted = answer.usage.generated_images
    return Answered(
        urls=urls,
        errors=errors,
        generated_images=max(counted or 0, len(urls)),
        output_tokens=answer.usage.output_tokens,
        is_counted=counted is not None,
    )


def without_pictures(answered: Answered, call: ModelCall, failures: list[str]) -> ModelError:
    """Return the error for a response without any usable picture; its usage and cost are known."""
    if failures:
        message = f"Seedream's pictures could not be had: {failures[0]}"
        return ModelAnswerUnusable(message, Outcome.LOST_PICTURE, call=call)
    if answered.errors:
        kind, outcome = answered.errors[0].kind or (ModelAnswerUnusable, Outcome.NO_PICTURE)
        detail = str(answered.errors[0])
        return kind(f"Seedream made no picture: {detail}", outcome, call=call, detail=detail)
    message = "Seedream made no picture"
    return ModelAnswerUnusable(message, Outcome.NO_PICTURE, call=call, possibly_billed=not answered.is_counted)


def _shown(body: bytes) -> str:
    """Return the start of a body without URLs, since a picture's URL gives access to it."""
    return re.sub(r"https?:[^\s\"'<>]*", "…", body[:2_000].decode(errors="replace"))[:200]


def _from_error(status: int, headers: httpx.Headers, error: ArkError) -> ModelError:
    kind, outcome = error.kind or kind_of_status(status)
    if outcome is Outcome.BAD_INPUT and passes(status, error.message):
        kind, outcome = ModelUnavailable, Outcome.BROKEN
    delay = retry_after(headers) if kind is ModelUnavailable else None
    is_late = outcome is Outcome.TIMED_OUT
    detail = f"{status} {error}"
    return kind(f"Seedream: {detail}", outcome, retry_after=delay, possibly_billed=is_late, detail=detail)
