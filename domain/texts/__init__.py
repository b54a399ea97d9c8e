"""The words for every key of a reason, a journal line, a name: in Chinese and in English, as data beside this module.

They are read once, when the module is loaded, and a shop does not edit them under a running order: what a workflow
shows in the Web UI is made of nothing else. Messages to customers and staff stand in phrases.toml, which may also hold
any key of these to say it in other words.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from domain.phrase import Said

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DETAIL = "detail"  # what an outside system said: for staff alone
BETWEEN = "; "  # of several things that are said as one value
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_FORMATTER = Formatter()


class Texts:
    """Texts by their keys.

    `{name}` is a value; `{name:status}` is its name in the table `status`; `[[...]]` is left out where a value in it is
    empty.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def text(self, key: str, values: Mapping[str, Any] | None = None) -> str:
        """Render a phrase. Raises KeyError for a missing phrase or value, ValueError for a broken phrase."""
        shown = _Values({name: _Value(self._shown(value), self) for name, value in (values or {}).items()})
        template = _OPTIONAL.sub(lambda part: _kept(part[1], shown), self.texts[key])
        return _FORMATTER.vformat(template, (), shown).strip()

    def say(self, said: Said, *, detail: bool = True) -> str:
        """Render what is said, and never raise; `detail` tells whether what outside systems said is quoted."""
        if not said:
            return ""
        try:
            return self.text(said.phrase, said.values if detail else without_detail(said).values)
        except (KeyError, IndexError, ValueError):  # it comes from another version
            return said.phrase.rpartition(".")[2].replace("_", " ")

    def name(self, table: str, name: str) -> str:
        """Return the name that something bears in this language; its own where there is none."""
        return self.texts.get(f"{table}.{name}", name)

    def _shown(self, value: Any) -> str:
        match value:
            case Said():
                return self.say(value)
            case {"phrase": str()}:  # of a journal line that was stored
                return self.say(Said.model_validate(value))
            case list() | tuple():
                return BETWEEN.join(filter(None, map(self._shown, value)))
            case None:
                return ""
        return str(value)


class _Value(str):
    """A value that knows its name in a table."""

    __slots__ = ("book",)
    book: Texts

    def __new__(cls, text: str, book: Texts) -> "_Value":
        self = super().__new__(cls, text)
        self.book = book
        return self

    def __format__(self, table: str) -> str:
        return self.book.name(table, str(self)) if table and self else str(self)


class _Values(dict[str, _Value]):
    """Values by name; one that is not given is missing."""


def _kept(part: str, values: _Values) -> str:
    names = [name for _, name, _, _ in _FORMATTER.parse(part) if name]
    return part if all(values.get(name) for name in names) else ""


def without_detail(said: Said) -> Said:
    """Return what is said without what outside systems said of it."""
    kept = {name: _bare(value) for name, value in said.values.items() if name != DETAIL}
    return Said(phrase=said.phrase, values=kept)


def _bare(value: Any) -> Any:
    if isinstance(value, Said):
        return without_detail(value)
    return [_bare(one) for one in value] if isinstance(value, list) else value


def flat(tables: Mapping[str, Any]) -> dict[str, str]:
    """Return texts of tables by keys with dots: `[outcome] busy` is `outcome.busy`."""
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
