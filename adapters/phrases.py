"""The catalogue of texts, read anew when the shop edits its file."""

import re
import tomllib
from pathlib import Path

from domain.errors import OutsideUnavailable
from domain.phrase import Said
from domain.texts import TEXTS

BETWEEN = "; "  # of the factors of a price


class Phrasebook:
    """The Phrases port on a TOML file of `key = "text with {values}"`, and a table of words for what values say."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1.0
        self._texts: dict[str, str] = {}
        self._words: dict[re.Pattern[str], str] = {}

    def text(self, key: str, **values: object) -> str:
        """Render a phrase. Raises OutsideUnavailable for a broken file, a missing phrase or value: staff mend it."""
        try:
            self._refresh()
            worded = {name: self._shown(value) for name, value in values.items()}
            return self._texts[key].format(**worded).strip()
        except (KeyError, IndexError, ValueError, OSError) as error:  # a TOML error is a ValueError
            raise OutsideUnavailable(f"{self._path.name}, phrase {key!r}: {error!r}") from error

    def worded(self, said: str) -> str:
        """Return in the shop's words what a record says in English. Raises OutsideUnavailable for a broken file."""
        try:
            self._refresh()
        except (ValueError, OSError) as error:
            raise OutsideUnavailable(f"{self._path.name}: {error!r}") from error
        return self._worded(said)

    def _shown(self, value: object) -> object:
        if isinstance(value, Said):
            return TEXTS["zh"].say(value, detail=False)
        return self._worded(value) if isinstance(value, str) else value

    def _worded(self, value: str) -> str:
        return BETWEEN.join(self._worded_part(part) for part in value.split(BETWEEN))

    def _worded_part(self, part: str) -> str:
        for said, words in self._words.items():
            if match := said.fullmatch(part):
                return words.format(*map(self._worded_part, match.groups()))  # a reason may hold another
        return part

    def _refresh(self) -> None:
        changed_at = self._path.stat().st_mtime
        if changed_at != self._read_at:
            texts = tomllib.loads(self._path.read_text(encoding="utf-8"))
            self._words = {_pattern(said): words for said, words in texts.pop("words", {}).items()}
            self._texts, self._read_at = texts, changed_at


def _pattern(said: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(part) for part in said.split("{}")), re.DOTALL)
