"""`Said`: a phrase by its key, rendered in the reader's language where it is shown."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.bounds.limits import Cut, Name, Words

MOST_VALUES, MOST_PARTS = 20, 100
FIRST = Cut(MOST_PARTS, lambda parts, most: parts[:most])
IN_ORDER = Field(union_mode="left_to_right")  # otherwise a string would be tried as a phrase first
AS_WRITTEN = "as_written"  # text by a customer, staff or a bot: quoted, not translated


class Said(BaseModel):
    """A phrase of the catalogue with its values, which may be phrases themselves. An empty one means nothing.

    State and histories hold these, never sentences. The value `detail` is an external system's own message, shown to
    staff only. A plain string is loaded as quoted text; older histories contain these.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    phrase: Name = Field(default="", description="Its key.")
    values: dict[Name, "Annotated[Part | Annotated[list[Part], AfterValidator(FIRST)], IN_ORDER]"] = Field(
        default_factory=dict, max_length=MOST_VALUES, description="What it is told with: words, or phrases."
    )

    @model_validator(mode="before")
    @classmethod
    def _words_are_as_written(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {"phrase": AS_WRITTEN, "values": {"words": value}} if value.strip() else {}

    def __bool__(self) -> bool:
        return bool(self.phrase)


Part = Annotated[Words | Said, IN_ORDER]
Said.model_rebuild()
Value: TypeAlias = str | Said | list[str | Said]
Values: TypeAlias = dict[str, Value]


def said(phrase: str, **values: object) -> Said:
    """Return a phrase with its values; numbers and enums become text, empty values are left out."""
    kept = {name: value for name, value in values.items() if value not in (None, "")}
    return Said(phrase=phrase, values={name: value_of(value) for name, value in kept.items()})


def written(words: str) -> Said:
    """Return text as a quote; empty for empty text."""
    return Said.model_validate(words)


def value_of(value: object) -> Value:
    """Return a value as a phrase may hold it: phrases are kept, everything else becomes text."""
    if isinstance(value, Said):
        return value
    if isinstance(value, list | tuple):
        return [one if isinstance(one, Said) else str(one) for one in value]
    return str(value)


def for_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a journal line as JSON values."""
    return {name: _fact(value) for name, value in facts.items()}


def _fact(value: Any) -> Any:
    if isinstance(value, list):
        return [_fact(one) for one in value]
    return value.model_dump() if isinstance(value, Said) else value


def mapped(value: Value, change: Callable[[str], str]) -> Value:
    """Return a value with `change` applied to every text in it, however deeply nested."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [one for part in value if not isinstance(one := mapped(part, change), list)]
    return Said(phrase=value.phrase, values={name: mapped(one, change) for name, one in value.values.items()})
