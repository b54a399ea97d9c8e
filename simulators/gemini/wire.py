"""Gemini's wire format: requests, responses and errors (generativelanguage v1beta)."""

import base64
import secrets
from hashlib import sha256
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel
from starlette.responses import JSONResponse

TOKENS_OF_INPUT_IMAGE = 1120
TOKENS_OF_OUTPUT_IMAGE = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}

Usage = dict[str, Any]


class Wire(BaseModel):
    """A message in camelCase or, as protobuf allows, snake_case; unsupported fields are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Blob(Wire):
    """A picture inside a message."""

    mime_type: str
    data: bytes

    @field_validator("data", mode="before")
    @classmethod
    def _decode(cls, value: Any) -> Any:
        # Both base64 alphabets are accepted: the SDK sends the URL-safe one.
        return base64.b64decode(value.translate(str.maketrans("-_", "+/")), validate=True)


class Part(Wire):
    """Text or a picture."""

    text: str | None = None
    inline_data: Blob | None = None


class Content(Wire):
    """One turn of a conversation."""

    parts: list[Part] = Field(default_factory=list)


class ImageConfig(Wire):
    """The requested size and aspect ratio of a picture."""

    aspect_ratio: str | None = None
    image_size: Literal["512", "1K", "2K", "4K"] = "1K"


class GenerationConfig(Wire):
    """The requested kind of response."""

    response_modalities: list[str] = Field(default_factory=list)
    image_config: ImageConfig = Field(default_factory=ImageConfig)
    response_mime_type: str = "text/plain"
    response_schema: dict[str, Any] | None = None
    response_json_schema: dict[str, Any] | None = None


class GenerateRequest(Wire):
    """The body of generateContent."""

    contents: list[Content] = Field(min_length=1)
    generation_config: GenerationConfig = Field(default_factory=GenerationConfig)

    @property
    def prompt(self) -> str:
        """The text of the request."""
        return "\n".join(part.text for content in self.contents for part in content.parts if part.text)

    @property
    def pictures(self) -> list[bytes]:
        """All pictures of the request."""
        return [part.inline_data.data for content in self.contents for part in content.parts if part.inline_data]

    @property
    def wants_picture(self) -> bool:
        """Whether a picture is requested."""
        return "IMAGE" in self.generation_config.response_modalities

    @property
    def input_sha256(self) -> list[str]:
        """A digest of the request's pictures."""
        return [sha256(picture).hexdigest() for picture in self.pictures]

    @property
    def kind(self) -> str:
        """The kind of call: image, score or analysis."""
        return "image" if self.wants_picture else "score" if "score" in self.answer_fields else "analysis"

    @property
    def answer_fields(self) -> set[str]:
        """The fields of the requested JSON."""
        config = self.generation_config
        return set((config.response_json_schema or config.response_schema or {}).get("properties", {}))


def usage(request: GenerateRequest, output: dict[str, int]) -> Usage:
    """Count tokens by modality: about four bytes of text per token, and a fixed number per picture."""
    prompt = {"TEXT": 1 + len(request.prompt.encode()) // 4, "IMAGE": TOKENS_OF_INPUT_IMAGE * len(request.pictures)}
    return {
        "promptTokenCount": sum(prompt.values()),
        "candidatesTokenCount": sum(output.values()),
        "totalTokenCount": sum(prompt.values()) + sum(output.values()),
        "promptTokensDetails": _details(prompt),
        "candidatesTokensDetails": _details(output),
    }


def _details(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"modality": modality, "tokenCount": count} for modality, count in counts.items() if count]


def answer(model: str, parts: list[dict[str, Any]], finish_reason: str, used: Usage) -> dict[str, Any]:
    """Return the body of a response with one candidate."""
    content = {"content": {"parts": parts, "role": "model"}} if parts else {}
    return {
        "candidates": [content | {"finishReason": finish_reason, "index": 0}],
        "usageMetadata": used,
        "modelVersion": model,
        "responseId": secrets.token_urlsafe(16),
    }


def error(code: int, status: str, message: str, *details: dict[str, Any]) -> JSONResponse:
    """Return an error in the format of Google's services."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    return JSONResponse({"error": body | ({"details": list(details)} if details else {})}, code)


def bad_key(message: str) -> JSONResponse:
    """Return the error for an invalid API key."""
    reason = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    return error(400, "INVALID_ARGUMENT", message, reason)
