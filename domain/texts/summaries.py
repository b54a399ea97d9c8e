"""What is being done, in one line: the summaries of steps in the Temporal Web UI."""

from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal

LONGEST = 200  # characters that Temporal shows


def doing(language: Language, what: str, about: str, **facts: object) -> str:
    """Say what is being done, and about what: an order, a picture, a dispatch, a search."""
    return TEXTS[language].tell(f"work.{what}", {"about": about, **facts}, literal)[:LONGEST]
