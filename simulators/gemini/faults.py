"""The faults that can be requested of Gemini's simulator; failing.py implements them."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from simulators.common import spoiling, trouble
from simulators.common.faults import Fault, Faults
from simulators.common.trouble import Broken, Endless, Hanging

SENTENCES = {
    "busy": "429 RESOURCE_EXHAUSTED; with `seconds`, also how long to wait. Not billed.",
    "internal": "500 INTERNAL. Not billed.",
    "unavailable": "503 UNAVAILABLE. Not billed.",
    "deadline": "504 DEADLINE_EXCEEDED. Billed.",
    "expired_key": "400 INVALID_ARGUMENT: the API key has expired. Not billed.",
    "forbidden": "403 PERMISSION_DENIED. Not billed.",
    "no_model": "404 NOT_FOUND: the model is gone. Not billed.",
    "bad_input": "400 INVALID_ARGUMENT: the picture is not valid. Not billed.",
    "retry": "400 INVALID_ARGUMENT: the picture cannot be processed, please retry. Not billed.",
    "aborted": "409 ABORTED. Not billed.",
    "cancelled": "499 CANCELLED. Billed.",
    "no_picture": "A candidate without a picture, whose finish reason is `reason` (NO_IMAGE). Billed.",
    "text": "Prose instead of the picture or the JSON. Billed.",
    "refused": "A candidate without a picture, refused for `reason` (IMAGE_SAFETY). Billed.",
    "blocked": "No candidate: the prompt is blocked for `reason` (SAFETY). Billed: its tokens are counted.",
    "two": "Two pictures in one answer, the second one blurred; both are counted. Billed.",
    "thoughts": "A thought with a picture between, then the picture; thinking is counted. Billed.",
    "score": "The result scores `score`, with `issue` and `next_step` (repair_prompt). Billed.",
    **spoiling.SENTENCES,
    **trouble.SENTENCES,
}


class Busy(Fault):
    """Rate limit exceeded."""

    fault: Literal["busy"]
    seconds: float | None = Field(None, ge=0)


class Failing(Fault):
    """A fixed error of Google's."""

    fault: Literal[
        "internal", "unavailable", "deadline", "expired_key", "forbidden", "no_model", "bad_input", "retry", "aborted",
        "cancelled",
    ]  # fmt: skip


class NoPicture(Fault):
    """An empty response with any finish reason, even one unknown to clients."""

    fault: Literal["no_picture"]
    reason: str = Field("NO_IMAGE", pattern="^[A-Z_]+$")


class Words(Fault):
    """Prose instead of the requested content."""

    fault: Literal["text"]


class Refused(Fault):
    """A picture that the model withholds."""

    fault: Literal["refused"]
    reason: Literal[
        "IMAGE_SAFETY", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    ] = "IMAGE_SAFETY"  # fmt: skip


class Blocked(Fault):
    """A prompt that the model blocks."""

    fault: Literal["blocked"]
    reason: Literal["SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "OTHER", "IMAGE_SAFETY"] = "SAFETY"


class OfPictures(Fault):
    """Faults of image calls only."""

    kind: Literal["image"] | None = None

    def fits(self, kind: str) -> bool:
        """Whether the call asks for a picture."""
        return kind == "image"


class Spoiled(OfPictures):
    """A picture that is not what was asked for."""

    fault: spoiling.Way


class More(OfPictures):
    """More than one picture."""

    fault: Literal["two", "thoughts"]


class Scored(Fault):
    """A predetermined score."""

    fault: Literal["score"]
    kind: Literal["score"] | None = None
    score: int = Field(ge=0, le=100)
    issue: str = "看起来不自然"
    next_step: str = "repair_prompt"

    def fits(self, kind: str) -> bool:
        """Whether the call asks for a score."""
        return kind == "score"


GeminiFault = (
    Busy | Failing | NoPicture | Words | Refused | Blocked | Spoiled | More | Scored | Hanging | Endless | Broken
)
_SHAPE: TypeAdapter[GeminiFault] = TypeAdapter(Annotated[GeminiFault, Field(discriminator="fault")])


def waiting_faults() -> Faults[GeminiFault]:
    """Return an empty queue of faults."""
    return Faults(_SHAPE, SENTENCES, {"image", "analysis", "score"})
