"""Ark's wire format for Seedream: model capabilities and errors (images/generations, v3)."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse

MOST_PICTURES = 15  # input and output pictures together
WIDEST = 16  # ratio of the sides, either way
TYPES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests",
    500: "InternalServerError",
}  # fmt: skip


class ArkError(Exception):
    """A refused call."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers

    @property
    def response(self) -> JSONResponse:
        """The error body in Ark's format."""
        message = f"{self} Request id: 02{secrets.token_hex(26)}"
        error = {"code": self.code, "message": message, "param": "", "type": TYPES[self.status]}
        return JSONResponse({"error": error}, self.status, headers=self.headers)


@dataclass(frozen=True)
class Model:
    """The capabilities of a model."""

    sides: Mapping[str, int]  # side of the square with the area of a named size, in pixels
    fewest: int  # pixels
    most: int
    formats: tuple[str, ...] = ()  # selectable; a model without any returns JPEG


MODELS = {
    "doubao-seedream-4-0-250828": Model({"1K": 1024, "2K": 2048, "4K": 4096}, 921_600, 16_777_216),
    "doubao-seedream-4-5-251128": Model({"2K": 2048, "4K": 4096}, 3_686_400, 16_777_216),
    "doubao-seedream-5-0-260128": Model({"2K": 2048, "3K": 3072}, 3_686_400, 10_404_496, ("png", "jpeg")),
}


class Strict(BaseModel):
    """A strictly validated message without unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SequenceOptions(Strict):
    """How many pictures a sequence may have."""

    max_images: int = Field(MOST_PICTURES, ge=1, le=MOST_PICTURES)


class ImagesRequest(Strict):
    """The body of images/generations."""

    model: str
    prompt: str
    image: str | list[str] = Field(default_factory=list)
    size: str = "2048x2048"
    response_format: Literal["url", "b64_json"] = "url"
    watermark: bool = True
    sequential_image_generation: Literal["auto", "disabled"] = "disabled"
    sequential_image_generation_options: SequenceOptions | None = None
    stream: bool = False
    output_format: Literal["png", "jpeg"] | None = None

    @property
    def images(self) -> list[str]:
        """The pictures of the request, as URLs."""
        return [self.image] if isinstance(self.image, str) else self.image

    @property
    def count(self) -> int:
        """The number of pictures to make; one if a sequence has no given length."""
        options = self.sequential_image_generation_options
        return options.max_images if options and self.sequential_image_generation == "auto" else 1

    @property
    def pixels(self) -> tuple[int, int] | None:
        """Width and height, if given as numbers."""
        found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", self.size)
        return (int(found[1]), int(found[2])) if found else None


def read(body: bytes) -> ImagesRequest:
    """Return the parsed request. Raises ArkError for anything that its model does not support."""
    try:
        asked = ImagesRequest.model_validate_json(body)
    except ValidationError as problem:
        raise _malformed(problem) from problem
    model = MODELS.get(asked.model)
    if not model:
        words = f"The model or endpoint {asked.model} does not exist or you do not have access to it."
        raise ArkError(404, "InvalidEndpointOrModel.NotFound", words)
    if asked.output_format and not model.formats:
        raise invalid("output_format", "the parameter `output_format` is not supported by the current model.")
    if asked.stream:
        raise invalid("stream", "streams are not simulated.")
    if not asked.images:
        raise invalid("image", "the simulator makes pictures from pictures alone.")
    if len(asked.images) + asked.count > MOST_PICTURES:
        raise invalid("image", f"pictures sent and made together are {MOST_PICTURES} at most.")
    _check_size(asked, model)
    return asked


def invalid(parameter: str, why: str) -> ArkError:
    """Return the error for an invalid parameter value."""
    return ArkError(
        400, "InvalidParameter", f"The parameter `{parameter}` specified in the request is not valid: {why}"
    )


def _malformed(problem: ValidationError) -> ArkError:
    """Return the error for an invalid body; missing fields are reported before unknown ones."""
    errors = [(error["type"], ".".join(map(str, error["loc"])), error["msg"]) for error in problem.errors()]
    missing = [name for kind, name, _ in errors if kind == "missing"]
    if missing:
        return ArkError(400, "MissingParameter", f"The request failed because it is missing `{missing[0]}` parameter.")
    unknown = [name for kind, name, _ in errors if kind == "extra_forbidden"]
    if unknown:
        return invalid("`, `".join(unknown), "no such parameter.")
    _, name, why = errors[0]
    return invalid(name or "body", f"{why}.")


def _check_size(asked: ImagesRequest, model: Model) -> None:
    pixels = asked.pixels
    if not pixels:
        if asked.size not in model.sides:
            raise invalid("size", f"the specified size is not supported for model {asked.model}.")
        return
    width, height = pixels
    if not model.fewest <= width * height <= model.most:
        raise invalid("size", f"image size must be at least {model.fewest} and at most {model.most} pixels.")
    if max(width, height) > WIDEST * min(width, height):
        raise invalid("size", f"the ratio of width to height must lie between 1/{WIDEST} and {WIDEST}.")
