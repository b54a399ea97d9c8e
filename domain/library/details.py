"""The details of a search in the Temporal Web UI, without links: these would open files for any reader."""

from domain.library.finding import FindRequest, Found, Match
from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal
from domain.vocabulary import ids


def summary(request: FindRequest) -> str:
    """Return in one line, the same in every language, who searches for what."""
    what = ["🖼" if request.has_picture else "", *map(literal, request.tags), literal(request.words)]
    return f"{literal(request.customer_id)} 🔍 {'; '.join(filter(None, what))}"


def markdown(request: FindRequest, found: Found, language: Language) -> str:
    """Return the result of a search as Markdown."""
    texts = TEXTS[language]
    lines = [summary(request)]
    if found.refused:
        lines.append(texts.tell("details.not_looked_at", {"why": found.refused}, literal))
    lines += [_line(match, language) for match in found.matches] or [texts.name("details", "nothing_found")]
    if found.transfer_id:
        lines.append(texts.tell("details.asked", {"dispatch": ids.dispatch_id(found.transfer_id)}, literal))
    return "\n\n".join(lines)


def _line(match: Match, language: Language) -> str:
    facts = {"photo": match.photo_id, "kind": match.kind, "own": match.is_own}
    if match.distance is not None:
        facts["distance"] = str(match.distance)
    return f"- {TEXTS[language].tell('details.match', facts, literal)}"
