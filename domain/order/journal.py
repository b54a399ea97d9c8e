"""Renders the lines of an order's journal, for the Web UI, the terminal and the demo."""

from collections.abc import Iterable
from datetime import tzinfo

from domain.texts.catalogue import TEXTS, Escape, Language
from domain.texts.escaping import literal, short_line
from domain.vocabulary.trail import JournalEntry

HINT = "_hint"


def words(entry: JournalEntry, language: Language, escape: Escape = short_line) -> str:
    """Return one journal entry as one line of text; `escape` makes quoted texts safe for where it is shown."""
    facts = {"by": entry.by, "picture": (entry.task_id or "").rpartition("_")[2], **entry.facts}
    if isinstance(phrase := facts.get("phrase"), str):
        facts["phrase"] = phrase.replace(HINT, "")
    return TEXTS[language].tell(f"journal.{entry.what}", facts, escape)


def markdown_line(entry: JournalEntry, zone: tzinfo, language: Language) -> str:
    """Return the same as an item of a Markdown list, with its time in this time zone."""
    return f"- `{entry.at.astimezone(zone):%m-%d %H:%M:%S}` {words(entry, language, literal)}"


class Lines:
    """The lines of a journal in Markdown, each rendered once: an entry keeps its serial and never changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, tzinfo, Language], str] = {}

    def of(self, entries: Iterable[JournalEntry], zone: tzinfo, language: Language) -> list[str]:
        """Return a line for each entry, and forget those of all others."""
        kept: dict[tuple[int, tzinfo, Language], str] = {}
        for entry in entries:
            key = (entry.serial, zone, language)
            kept[key] = self._known.get(key) or markdown_line(entry, zone, language)
        self._known = kept
        return list(kept.values())
