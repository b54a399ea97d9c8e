"""What is being done, in one line: the summaries of steps in the Temporal Web UI."""

from domain.escaping import literal
from domain.texts import TEXTS, Language

LONGEST = 200  # characters that Temporal shows


def doing(language: Language, what: str, about: str, **facts: object) -> str:
    """Say what is being done, and about what: an order, a picture, a dispatch, a search."""
    return TEXTS[language].tell(f"work.{what}", {"about": about, **facts}, literal)[:LONGEST]
