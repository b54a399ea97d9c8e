"""The catalogue of texts, read anew when the shop edits its file."""

import re
import tomllib
from pathlib import Path

from domain.errors import OutsideUnavailable
from domain.phrase import Said
from domain.texts import TEXTS, Language, Texts, flat

BETWEEN = "; "  # of the factors of a price
LONGEST = 200  # characters of a reason


class Phrasebook:
    """The Phrases port on a TOML file of `key = "text with {values}"`, over the words that come with the application.

    `detail` tells whether its readers see what outside systems said in their own words: staff do.
    """

    def __init__(self, path: Path, language: Language = "zh", *, detail: bool = False) -> None:
        self._path = path
        self._language = language
        self._detail = detail
        self._read_at = -1.0
        self._texts = TEXTS[language]
        self._words: dict[re.Pattern[str], str] = {}

    def text(self, key: str, **values: object) -> str:
        """Render a phrase. Raises OutsideUnavailable for a broken file, a missing phrase or value: staff mend it."""
        try:
            self._refresh()
            shown = {name: self._shown(value) for name, value in values.items()}
            return self._texts.text(key, shown)
        except (KeyError, IndexError, ValueError, OSError) as error:  # a TOML error is a ValueError
            raise OutsideUnavailable(f"{self._path.name}, phrase {key!r}: {error!r}") from error

    def said(self, told: Said) -> str:
        """Return a reason in words, as short as one field of a message."""
        words = self._texts.say(told, detail=self._detail)
        return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"

    def _shown(self, value: object) -> object:
        match value:
            case Said():
                return self.said(value)
            case list():
                return [self._shown(one) for one in value]
            case str():
                return self._worded(value)
        return value

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
            self._texts, self._read_at = Texts({**TEXTS[self._language].texts, **flat(texts)}), changed_at


def _pattern(said: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(part) for part in said.split("{}")), re.DOTALL)
