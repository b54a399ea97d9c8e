"""The faults that can be requested of Ark's simulator, and their errors."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from simulators.ark.wire import ArkError
from simulators.common import spoiling, trouble
from simulators.common.faults import Fault, Faults
from simulators.common.trouble import Broken, Endless, Hanging

SENTENCES = {
    "rate": "429 RateLimitExceeded; with `seconds`, also a Retry-After header. Not billed.",
    "overloaded": "429 ServerOverloaded. Not billed.",
    "internal": "500 InternalServiceError. Not billed.",
    "unavailable": "503 with an HTML page. Not billed.",
    "sensitive": "400 with `code` (InputImageSensitiveContentDetected). Not billed.",
    "invalid": "400 InvalidParameter. Not billed.",
    "overdue": "403 AccountOverdueError. Not billed.",
    "not_open": "404 ModelNotOpen. Not billed.",
    "forbidden": "401 AuthenticationError. Not billed.",
    "item_error": "The first picture is an error with `code` (OutputImageSensitiveContentDetected). Others are billed.",
    "dead_url": "The pictures are made, but their links return 403 immediately. Billed.",
    "no_data": "Status 200 without any picture. Not billed.",
    **spoiling.SENTENCES,
    **trouble.SENTENCES,
}
ERRORS = {
    "overloaded": (429, "ServerOverloaded", "The service is currently unable to handle additional requests."),
    "internal": (500, "InternalServiceError", "The service encountered an unexpected internal error."),
    "invalid": (400, "InvalidParameter", "One or more parameters specified in the request are not valid."),
    "overdue": (403, "AccountOverdueError", "The request failed because your account has an overdue balance."),
    "not_open": (
        404,
        "ModelNotOpen",
        "Your account has not activated the model. Please activate it in the Ark Console.",
    ),
    "forbidden": (401, "AuthenticationError", "The API key in the request is missing or invalid."),
}


class Rate(Fault):
    """Rate limit exceeded."""

    fault: Literal["rate"]
    seconds: int | None = Field(None, ge=0)


class Failing(Fault):
    """A fixed error of Ark."""

    fault: Literal["overloaded", "internal", "invalid", "overdue", "not_open", "forbidden"]


class Unavailable(Fault):
    """An error of a proxy in front of Ark."""

    fault: Literal["unavailable"]


class Sensitive(Fault):
    """A request that Ark refuses."""

    fault: Literal["sensitive"]
    code: Literal[
        "InputImageSensitiveContentDetected", "InputTextSensitiveContentDetected",
        "OutputImageSensitiveContentDetected", "SensitiveContentDetected",
    ] = "InputImageSensitiveContentDetected"  # fmt: skip


class ItemError(Fault):
    """A response in which one picture failed."""

    fault: Literal["item_error"]
    code: str = Field("OutputImageSensitiveContentDetected", min_length=1)


class Lost(Fault):
    """Pictures that cannot be downloaded."""

    fault: Literal["dead_url", "no_data"]


class Spoiled(Fault):
    """Pictures that are not what was asked for."""

    fault: spoiling.Way


ArkFault = Rate | Failing | Unavailable | Sensitive | ItemError | Lost | Spoiled | Hanging | Endless | Broken
_SHAPE: TypeAdapter[ArkFault] = TypeAdapter(Annotated[ArkFault, Field(discriminator="fault")])


def waiting_faults() -> Faults[ArkFault]:
    """Return an empty queue of faults."""
    return Faults(_SHAPE, SENTENCES, {"image"})


def refuse(fault: ArkFault | None) -> None:
    """Raise the fault's ArkError, if it is an error."""
    if isinstance(fault, Rate):
        wait = None if fault.seconds is None else {"Retry-After": str(fault.seconds)}
        raise ArkError(429, "RateLimitExceeded", "The requests of this account exceed its limit (IPM).", wait)
    if isinstance(fault, Failing):
        raise ArkError(*ERRORS[fault.fault])
    if isinstance(fault, Sensitive):
        raise ArkError(400, fault.code, sensitive(fault.code))


def sensitive(code: str) -> str:
    """Return the message for a code of sensitive content."""
    what = "output image" if "Output" in code else "input text" if "Text" in code else "input image"
    return f"The request failed because the {what} may contain sensitive information."
