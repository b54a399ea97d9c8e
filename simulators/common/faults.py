"""Faults on demand for the next calls, in the order in which they were requested."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Fault(BaseModel):
    """A fault for the next calls, of one kind or of any. Each simulator defines its own faults.

    With `input_sha256` it applies only to calls that send this picture, with `about` only to calls whose text contains
    it, such as an order id.
    """

    model_config = ConfigDict(extra="forbid")

    fault: str
    times: int = Field(1, ge=1)
    kind: str | None = None
    input_sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    about: str | None = Field(None, min_length=1)

    def fits(self, kind: str) -> bool:
        """Whether it applies to calls of this kind."""
        return self.kind in {None, kind}

    def concerns(self, inputs: Collection[str], words: str) -> bool:
        """Whether it is meant for a call with these pictures and this text."""
        return self.input_sha256 in {None, *inputs} and (self.about or "") in words


F = TypeVar("F", bound=Fault)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a call: the response, whether it costs, and the generated JSON, if any."""

    response: Response
    billed: bool = False
    body: dict[str, Any] = field(default_factory=dict)


class Faults(Generic[F]):
    """The queue of faults, managed over HTTP."""

    def __init__(self, shape: TypeAdapter[F], sentences: Mapping[str, str], kinds: Collection[str]) -> None:
        self._shape = shape
        self._sentences = sentences
        self._kinds = kinds
        self._waiting: list[F] = []

    def take(self, kind: str, inputs: Collection[str], words: str = "") -> F | None:
        """Return the first fault for a call of this kind with these pictures and this text, and count it down."""
        fitting = (fault for fault in self._waiting if fault.fits(kind) and fault.concerns(inputs, words))
        fault = next(fitting, None)
        if fault:
            fault.times -= 1
            self._waiting = [fault for fault in self._waiting if fault.times]
        return fault

    @property
    def routes(self) -> list[Route]:
        """Return the routes to request (POST), list (GET) and clear (DELETE) faults."""
        return [
            Route("/faults", self._ask, methods=["POST"]),
            Route("/faults", self._show, methods=["GET"]),
            Route("/faults", self._forget, methods=["DELETE"]),
        ]

    async def _ask(self, request: Request) -> Response:
        try:
            fault = self._shape.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_context=False)}, 400)
        if fault.kind not in {None, *self._kinds}:
            return JSONResponse({"error": f"kind is one of {', '.join(sorted(self._kinds))}, or null"}, 400)
        self._waiting.append(fault)
        return self._answer()

    async def _show(self, _request: Request) -> Response:
        return self._answer()

    async def _forget(self, _request: Request) -> Response:
        self._waiting.clear()
        return self._answer()

    def _answer(self) -> Response:
        waiting = [fault.model_dump(exclude_none=True) for fault in self._waiting]
        return JSONResponse({"waiting": waiting, "faults": self._sentences})
