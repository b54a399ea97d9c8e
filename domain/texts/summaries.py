"""Summaries of steps in the Temporal Web UI, one line each."""

from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal

LONGEST = 200  # characters that Temporal accepts


def doing(language: Language, what: str, about: str, **facts: object) -> str:
    """Return the summary of a step; `about` is the id of its order, picture, dispatch or search."""
    return TEXTS[language].tell(f"work.{what}", {"about": about, **facts}, literal)[:LONGEST]
