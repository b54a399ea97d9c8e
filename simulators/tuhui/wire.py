"""Tuhui's request bodies and errors."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError
from starlette.responses import JSONResponse

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(max_length=20_000)]


class NewTask(BaseModel):
    """A task to create."""

    task_name: Line
    description: Words = ""
    task_type: Line = "image_process"
    priority: int = Field(2, ge=1, le=5)


class Assignment(BaseModel):
    """The designer of a task."""

    designer_name: Line
    notes: Words = ""


class Ending(BaseModel):
    """Notes at the end of a task."""

    notes: Words = ""


class Nothing(BaseModel):
    """The body of a query."""


Wanted = TypeVar("Wanted", bound=BaseModel)


class Misread(Exception):
    """An invalid body."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.detail: list[Any] = [dict(one) for one in error.errors(include_url=False, include_context=False)]


def read(shape: type[Wanted], body: bytes) -> Wanted:
    """Parse a body; an empty one counts as an empty object. Raises Misread."""
    try:
        return shape.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise Misread(error) from error


def problem(status: int, detail: Any) -> JSONResponse:
    """Return an error in Tuhui's format."""
    return JSONResponse({"detail": detail}, status)
