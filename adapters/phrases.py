"""The catalogue of texts, read anew when the shop edits its file."""

import tomllib
from pathlib import Path

from domain.errors import OutsideUnavailable


class Phrasebook:
    """The Phrases port on a TOML file of `key = "text with {values}"`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1.0
        self._texts: dict[str, str] = {}

    def text(self, key: str, **values: object) -> str:
        """Render a phrase. Raises OutsideUnavailable for a broken file, a missing phrase or value: staff mend it."""
        try:
            self._refresh()
            return self._texts[key].format(**values)
        except (KeyError, IndexError, ValueError, OSError) as error:  # a TOML error is a ValueError
            raise OutsideUnavailable(f"{self._path.name}, phrase {key!r}: {error!r}") from error

    def _refresh(self) -> None:
        changed_at = self._path.stat().st_mtime
        if changed_at != self._read_at:
            self._texts = tomllib.loads(self._path.read_text(encoding="utf-8"))
            self._read_at = changed_at
