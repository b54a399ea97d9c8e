"""The faults that can be requested of Tuhui's simulator, and their responses."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from starlette.responses import JSONResponse, Response

from simulators.common.dropping import Dropped
from simulators.common.faults import Fault, Faults
from simulators.common.trouble import Broken, Endless, Hang, Hanging, broken, endless

KINDS = {"create", "assign", "task", "complete", "cancel", "online", "queue"}
SENTENCES = {
    "status": "`status` (503), with `retry_after` a Retry-After. Nothing is done, unless with `after`.",
    "lost": "It is done, then the connection is closed without a byte of an answer.",
    "hidden": "A task is created that does not stand in the queue for `seconds` (5).",
    "hang": "It is done, then no answer until the caller goes away, or `seconds` (600) pass: then 504.",
    "drip": "It is done; status 200, then a space every 50 ms until the caller goes away.",
    "cut": "It is done; the connection is cut in the middle of the true answer.",
    "garbage": "It is done; status 200 and JSON that breaks off half-way.",
    "html": "It is done; status 200 and a page of HTML.",
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
            return JSONResponse({"detail": "a fault that was asked for"}, fault.status, wait)
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
