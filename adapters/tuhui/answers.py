"""Interprets Tuhui's responses: an unexpected one is an error, never a negative answer."""

from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.designers.ports import LISTED_AFTER
from domain.vocabulary.errors import OutsideUnavailable, away

Word = Annotated[str, Field(max_length=200)]  # longer ones are not names, and would bloat Temporal's histories
Name = Annotated[Word, Field(min_length=1)]


Shape = TypeVar("Shape", bound=BaseModel)


class _Shape(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class Anything(_Shape):
    """A response whose body does not matter."""

    @model_validator(mode="before")
    @classmethod
    def _is_all_the_same(cls, _: Any) -> Any:
        return {}


class Created(_Shape):
    """The response to a new task."""

    task_id: Name


class Online(_Shape):
    """The designers online: a list of names or of objects with names, directly or as `designers`."""

    designers: list[Name]

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_list(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {"designers": value}

    @field_validator("designers", mode="before")
    @classmethod
    def _may_be_objects(cls, value: Any) -> Any:
        return (
            [one.get("name") if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value
        )


class _Queued(_Shape):
    task_id: Name
    description: str | None  # required: it identifies our task

    @property
    def first_line(self) -> str:
        return (self.description or "").partition("\n")[0].strip()


class _Pending(_Shape):
    count: int
    tasks: list[_Queued]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.count != len(self.tasks):
            raise ValueError(f"{len(self.tasks)} tasks of {self.count}")
        return self


class Queue(_Shape):
    """The unassigned tasks."""

    pending_tasks: _Pending

    def find(self, marker: str) -> str | None:
        """Return the id of the task whose description has exactly this first line."""
        return next((task.task_id for task in self.pending_tasks.tasks if task.first_line == marker), None)


class Suggestion(_Shape):
    """The designer suggested by the system; anything but a name counts as no suggestion."""

    suggestion: Any = None

    @property
    def name(self) -> str | None:
        """The designer's name, if any."""
        return self.suggestion.strip() or None if isinstance(self.suggestion, str) else None


class Task(_Shape):
    """A task with all its fields, since the shop configures which one holds the result."""

    model_config = ConfigDict(extra="allow")

    status: Name
    assigned_to: Word | None = None

    def address(self, field: str | None) -> str | None:
        """Return the URL in this field; `result.url` is a nested field."""
        value: Any = dict(self)
        for name in field.split(".") if field else ():
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, str) and _is_address(value) else None


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def read(shape: type[Shape], body: bytes, *, creates: bool = False) -> Shape:
    """Parse the body of a success. Raises OutsideUnavailable, which does not quote it, as it may hold personal data."""
    try:
        return shape.model_validate_json(body or b"null")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise trouble(f"Tuhui's answer is not understood: {where} {first['msg']}", creates=creates) from None


def trouble(words: str, delay: timedelta | None = None, *, creates: bool = False) -> OutsideUnavailable:
    """Return the error for a call that may have had its effect; after a creation the message says so."""
    if not creates:
        return OutsideUnavailable(words, retry_after=delay, why=away("dispatch"))
    delay = max(delay or LISTED_AFTER, LISTED_AFTER)
    return OutsideUnavailable(f"{words}; the task may be there all the same", retry_after=delay, why=away("dispatch"))
