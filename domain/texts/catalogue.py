"""The texts of reasons, journal lines and names by their keys, in Chinese and English, from the TOML files beside it.

They are read once, when the module is loaded, because workflows render them for the Web UI: a shop cannot edit them
while orders run. Messages to customers and staff are in phrases.toml, which may override any of these keys.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from domain.texts.phrase import Said

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DETAIL = "detail"  # an external system's message: for staff only
BETWEEN = "; "  # between the items of a list value
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_FORMATTER = Formatter()


Escape = Callable[[str], str]


class Texts:
    """Texts by their keys.

    `{name}` is a value; `{name:status}` is its name in the table `status`; `[[...]]` is left out if a value in it is
    empty.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def text(self, key: str, values: Mapping[str, Any] | None = None, escape: Escape = str) -> str:
        """Render a phrase; `escape` is applied to values. Raises KeyError or ValueError for an invalid phrase."""
        return self._rendered(self.texts[key], _Values(self._shown(values or {}, escape)))

    def say(self, said: Said, escape: Escape = str, *, detail: bool = True) -> str:
        """Render a `Said`; `detail` tells whether to quote messages of external systems. Never raises."""
        told = said if detail else without_detail(said)
        return self.tell(told.phrase, told.values, escape) if told else ""

    def tell(self, key: str, values: Mapping[str, Any], escape: Escape = str) -> str:
        """Render a phrase. Never raises: a missing value is empty, a missing phrase is shown as its key."""
        try:
            return self._rendered(self.texts[key], _Missing(self._shown(values, escape)))
        except (KeyError, IndexError, ValueError):  # from another version
            return escape(key.rpartition(".")[2].replace("_", " "))

    def name(self, table: str, name: str) -> str:
        """Return the translation of a name, or the name itself if the table lacks it."""
        return self.texts.get(f"{table}.{name}", name)

    def _rendered(self, template: str, values: "_Values") -> str:
        return "".join(part.filled(values) for part in _parts(template)).strip()

    def _shown(self, values: Mapping[str, Any], escape: Escape) -> dict[str, "_Value"]:
        return {name: self._value(value, escape) for name, value in values.items()}

    def _value(self, value: Any, escape: Escape) -> "_Value":
        match value:
            case Said():
                return _Value(self.say(value, escape), self, str)
            case {"phrase": str()}:  # of a journal line that was stored
                return _Value(self.say(Said.model_validate(value), escape), self, str)
            case list() | tuple():
                return _Value(BETWEEN.join(filter(None, (f"{self._value(one, escape)}" for one in value))), self, str)
            case None | False:
                return _Value("", self, escape)
            case True:
                return _Value("yes", self, escape)
        return _Value(str(value), self, escape)


class _Value(str):
    """A value that formats itself: as its name in a table, else escaped."""

    __slots__ = ("escape", "texts")
    texts: Texts
    escape: Escape

    def __new__(cls, text: str, texts: Texts, escape: Escape) -> "_Value":
        self = super().__new__(cls, text)
        self.texts, self.escape = texts, escape
        return self

    def __format__(self, table: str) -> str:
        plain = str(self)
        named = self.texts.name(table, plain) if table else plain
        return named if named != plain else self.escape(plain)


class _Values(dict[str, _Value]):
    """Values by name."""


class _Missing(_Values):
    """Values by name; one that is missing is empty."""

    def __missing__(self, _: str) -> _Value:
        return _Value("", TEXTS["zh"], str)


@dataclass(frozen=True)
class _Part:
    """A part of a template, parsed once: its fields, each with the text before it, a name and a table."""

    text: str
    is_optional: bool
    fields: tuple[tuple[str, str | None, str], ...]
    is_simple: bool  # no `{a.b}`, `{0}` or `{a!r}`

    def filled(self, values: _Values) -> str:
        if self.is_optional and not all(values.get(name) for _, name, _ in self.fields if name):
            return ""
        if not self.is_simple:
            return _FORMATTER.vformat(self.text, (), values)
        return "".join(
            before if name is None else before + values[name].__format__(table) for before, name, table in self.fields
        )


@lru_cache(maxsize=5000)
def _parts(template: str) -> tuple[_Part, ...]:
    """Return the parts of a template; every second one is optional. Raises ValueError for an invalid template."""
    return tuple(_part(text, is_optional=bool(number % 2)) for number, text in enumerate(_OPTIONAL.split(template)))


def _part(text: str, *, is_optional: bool) -> _Part:
    parsed = list(_FORMATTER.parse(text))
    is_simple = all(not name or (name.isidentifier() and not conversion) for _, name, _, conversion in parsed)
    is_simple = is_simple and not any(name == "" or "{" in (table or "") for _, name, table, _ in parsed)
    return _Part(text, is_optional, tuple((before, name, table or "") for before, name, table, _ in parsed), is_simple)


def without_detail(said: Said) -> Said:
    """Return a `Said` without the messages of external systems."""
    kept = {name: _bare(value) for name, value in said.values.items() if name != DETAIL}
    return Said(phrase=said.phrase, values=kept)


def _bare(value: Any) -> Any:
    if isinstance(value, Said):
        return without_detail(value)
    return [_bare(one) for one in value] if isinstance(value, list) else value


def flat(tables: Mapping[str, Any]) -> dict[str, str]:
    """Return nested tables as one dict with dotted keys: `[outcome] busy` is `outcome.busy`."""
    texts: dict[str, str] = {}
    for name, value in tables.items():
        if isinstance(value, Mapping):
            texts |= {f"{name}.{key}": text for key, text in flat(value).items()}
        else:
            texts[name] = value
    return texts


def _read(language: Language) -> Texts:
    path = Path(__file__).with_name(f"{language}.toml")
    return Texts(flat(tomllib.loads(path.read_text(encoding="utf-8"))))


TEXTS: Mapping[Language, Texts] = {language: _read(language) for language in LANGUAGES}
