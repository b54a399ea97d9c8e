"""The faults that can be requested of Tuhui's simulator, and their responses."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from starlette.responses import JSONResponse, Response

from simulators.common.dropping import Dropped
from simulators.common.faults import Fault, Faults
from simulators.common.trouble import Broken, Endless, Hang, Hanging, broken, endless

KINDS = {"create", "assign", "task", "complete", "cancel", "online", "queue"}
SENTENCES = {
    "status": "`status` (503), with `retry_after` also a Retry-After header. Nothing is done, unless `after` is set.",
    "lost": "The call takes effect, then the connection is closed without a response.",
    "hidden": "A task is created that the queue does not show for `seconds` (5).",
    "hang": "The call takes effect; no response until the caller disconnects, or 504 after `seconds` (600).",
    "drip": "The call takes effect; status 200, then a space every 50 ms until the caller disconnects.",
    "cut": "The call takes effect; the connection is closed in the middle of the correct response.",
    "garbage": "The call takes effect; status 200 and truncated JSON.",
    "html": "The call takes effect; status 200 and an HTML page.",
}


class Status(Fault):
    """An error, before or after the work."""

    fault: Literal["status"]
    status: int = Field(503, ge=400, le=599)
    retry_after: int | None = Field(None, ge=0)
    after: bool = False


class Lost(Fault):
    """Work whose response is lost."""

    fault: Literal["lost"]


class Hidden(Fault):
    """A task that appears only after a delay."""

    fault: Literal["hidden"]
    seconds: float = Field(5, gt=0)

    def fits(self, kind: str) -> bool:
        """Whether it applies to calls of this kind."""
        return kind == "create" and super().fits(kind)


TuhuiFault = Status | Lost | Hidden | Hanging | Endless | Broken
_SHAPE: TypeAdapter[TuhuiFault] = TypeAdapter(Annotated[TuhuiFault, Field(discriminator="fault")])


def waiting_faults() -> Faults[TuhuiFault]:
    """Return an empty queue of faults."""
    return Faults(_SHAPE, SENTENCES, KINDS)


def refuses(fault: TuhuiFault | None) -> bool:
    """Whether nothing is done under a fault."""
    return isinstance(fault, Status) and not fault.after


def answered(fault: TuhuiFault | None, body: Any) -> Response:
    """Return the response under a fault, given the correct one."""
    match fault:
        case Status():
            wait = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
            return JSONResponse({"detail": "requested fault"}, fault.status, wait)
        case Lost():
            return Dropped()
        case Hanging():
            return Hang(fault.seconds)
        case Endless():
            return endless(fault)
        case Broken():
            return broken(fault, body)
        case _:
            return JSONResponse(body)
