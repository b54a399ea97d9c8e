"""Validation errors in one line, with field names but without values, which may be personal data."""

from pydantic import ValidationError

from domain.texts.phrase import Said

MOST = 3  # errors that are listed
LONGEST = 100  # characters of a field's name, which strangers may choose


class InvalidValue(ValueError):
    """An invalid value that the customer may be told about; `told` is a phrase of the catalogue."""

    def __init__(self, message: str, told: Said) -> None:
        super().__init__(message)
        self.told = told


def faults(error: ValidationError) -> str:
    """Return the first errors of a request, each with its field."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    told = [f"{_field(one['loc'])}{one['msg'].removeprefix('Value error, ')}" for one in found[:MOST]]
    return "; ".join(told + ["and more"] * (len(found) > MOST))


def _field(place: tuple[int | str, ...]) -> str:
    name = ".".join(map(str, place))[:LONGEST]
    return f"{name}: " if name else ""
