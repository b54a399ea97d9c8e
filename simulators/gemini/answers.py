"""Gemini's successful responses: a picture, or JSON with an analysis or a score."""

import base64
import json
from typing import Any

from simulators.common.spoiling import content_type
from simulators.gemini import looks
from simulators.gemini.pictures import paint
from simulators.gemini.wire import TOKENS_OF_OUTPUT_IMAGE, GenerateRequest, answer, usage

IMAGE_MODELS = {"gemini-3.1-flash-image", "gemini-3-pro-image"}
TEXT_MODELS = {"gemini-3.5-flash-lite", "gemini-3.5-flash"}

Body = dict[str, Any]


def respond(model: str, asked: GenerateRequest) -> Body:
    """Return the response to a call. Raises ValueError for input that the real Gemini rejects."""
    if asked.wants_picture:
        return with_pictures(model, asked, [picture]) if (picture := make(model, asked)) else no_picture(model, asked)
    if not asked.answer_fields:
        raise ValueError("The simulator returns only pictures, and JSON by a schema.")
    return with_text(model, asked, json.dumps(looks.look(asked), ensure_ascii=False))


def make(model: str, asked: GenerateRequest) -> bytes | None:
    """Make the picture; None without an input picture, which the shop never requests. Raises ValueError."""
    if model not in IMAGE_MODELS:
        raise ValueError("The requested combination of response modalities is not supported by the model.")
    config = asked.generation_config.image_config
    if not asked.pictures:
        return None
    return paint(asked.pictures[0], asked.prompt, config.image_size, config.aspect_ratio)


def with_pictures(model: str, asked: GenerateRequest, pictures: list[bytes]) -> Body:
    """Return a response with pictures, each with its token count."""
    tokens = TOKENS_OF_OUTPUT_IMAGE[asked.generation_config.image_config.image_size]
    parts = [picture_part(picture) for picture in pictures]
    return answer(model, parts, "STOP", usage(asked, {"IMAGE": tokens * len(pictures)}))


def with_text(model: str, asked: GenerateRequest, text: str) -> Body:
    """Return a text response."""
    return answer(model, [{"text": text}], "STOP", usage(asked, {"TEXT": 1 + len(text.encode()) // 4}))


def no_picture(model: str, asked: GenerateRequest, reason: str = "NO_IMAGE") -> Body:
    """Return an empty response with a reason; only the prompt's tokens count."""
    return answer(model, [], reason, usage(asked, {}))


def picture_part(data: bytes) -> Body:
    """Return a picture as a part of a response."""
    return {"inlineData": {"mimeType": content_type(data), "data": base64.b64encode(data).decode()}}
