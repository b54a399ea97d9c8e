"""What is wrong with a request, in a line: the fields and no values, which may be a customer's."""

from pydantic import ValidationError

from domain.texts.phrase import Said

MOST = 3  # faults that are told
LONGEST = 100  # characters of a field's name, which strangers may choose


class InvalidValue(ValueError):
    """What is wrong with a value, where the customer may be told so: `told` is a phrase of the catalogue."""

    def __init__(self, message: str, told: Said) -> None:
        super().__init__(message)
        self.told = told


def faults(error: ValidationError) -> str:
    """Return the first faults of a request, each with its field."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    told = [f"{_field(one['loc'])}{one['msg'].removeprefix('Value error, ')}" for one in found[:MOST]]
    return "; ".join(told + ["and more"] * (len(found) > MOST))


def _field(place: tuple[int | str, ...]) -> str:
    name = ".".join(map(str, place))[:LONGEST]
    return f"{name}: " if name else ""
