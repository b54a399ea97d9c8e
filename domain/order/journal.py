"""The lines of an order's journal in words, for the Web UI, the terminal and the demonstration alike."""

from datetime import tzinfo

from domain.texts.catalogue import TEXTS, Escape, Language
from domain.texts.escaping import literal, short_line
from domain.vocabulary.trail import JournalEntry

HINT = "_hint"


def words(entry: JournalEntry, language: Language, escape: Escape = short_line) -> str:
    """Tell one line of the journal in one line of words; `escape` shows what others said for where it is read."""
    facts = {"by": entry.by, "picture": (entry.task_id or "").rpartition("_")[2], **entry.facts}
    if isinstance(phrase := facts.get("phrase"), str):
        facts["phrase"] = phrase.replace(HINT, "")
    return TEXTS[language].tell(f"journal.{entry.what}", facts, escape)


def markdown_line(entry: JournalEntry, zone: tzinfo, language: Language) -> str:
    """Tell the same as an item of a Markdown list, with its time in this zone."""
    return f"- `{entry.at.astimezone(zone):%m-%d %H:%M:%S}` {words(entry, language, literal)}"
