"""The catalogue of texts, reloaded when its file changes."""

import tomllib
from contextlib import suppress
from pathlib import Path

from domain.texts.catalogue import TEXTS, Language, Texts, flat
from domain.texts.phrase import Said
from domain.vocabulary.errors import OutsideUnavailable

LONGEST = 200  # characters of a reason


class Phrasebook:
    """The Phrases port on a TOML file of `key = "text with {values}"`, with the built-in texts as defaults.

    `detail`: whether readers see the error texts of outside systems, as staff do.
    """

    def __init__(self, path: Path, language: Language = "zh", *, detail: bool = False) -> None:
        self._path = path
        self._language = language
        self._detail = detail
        self._read_at = -1.0
        self._texts = TEXTS[language]

    def text(self, key: str, **values: object) -> str:
        """Return a phrase with its values. Raises OutsideUnavailable if file, phrase or value is broken or missing."""
        try:
            self._refresh()
            shown = {name: self._shown(value) for name, value in values.items()}
            return self._texts.text(key, shown)
        except (KeyError, IndexError, ValueError, OSError) as error:  # TOML errors are ValueErrors
            raise OutsideUnavailable(f"{self._path.name}, phrase {key!r}: {error!r}") from error

    def said(self, told: Said) -> str:
        """Return a reason as a short text. If the file is broken, its last valid version is used."""
        with suppress(ValueError, OSError):
            self._refresh()
        words = self._texts.say(told, detail=self._detail)
        return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"

    def _shown(self, value: object) -> object:
        match value:
            case Said():
                return self.said(value)
            case list():
                return [self._shown(one) for one in value]
        return value

    def _refresh(self) -> None:
        changed_at = self._path.stat().st_mtime
        if changed_at != self._read_at:
            own = flat(tomllib.loads(self._path.read_text(encoding="utf-8")))
            self._texts, self._read_at = Texts({**TEXTS[self._language].texts, **own}), changed_at
