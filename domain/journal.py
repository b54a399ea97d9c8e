"""The lines of an order's journal in words, for the Web UI, the terminal and the demonstration alike."""

from domain.escaping import short_line
from domain.texts import TEXTS, Escape, Language
from domain.trail import JournalEntry

HINT = "_hint"


def words(entry: JournalEntry, language: Language, escape: Escape = short_line) -> str:
    """Tell one line of the journal in one line of words; `escape` shows what others said for where it is read."""
    facts = {"by": entry.by, "picture": (entry.task_id or "").rpartition("_")[2], **entry.facts}
    if isinstance(phrase := facts.get("phrase"), str):
        facts["phrase"] = phrase.replace(HINT, "")
    return TEXTS[language].tell(f"journal.{entry.what}", facts, escape)
