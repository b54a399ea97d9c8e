"""Extracts wishes from a message, split by the pictures it names."""

import re
from collections.abc import Collection

from pydantic import BaseModel

from domain.language.clauses import UNKNOWN, Clause
from domain.language.pictures import FOR_ALL, NAMED, THE_OTHERS, subject
from domain.language.reading import Reading, read

_NOTHING_ELSE = re.compile("只|就要|仅")
_ASKING = re.compile("(?:帮我|帮忙|麻烦[你您]?|请|给我|我?想|我?要|[你您]|能不能|可以|[把将在])*")
_DESCRIBING = ("description", "wrong", "vague")
_PERHAPS_DESCRIBING = (*_DESCRIBING, UNKNOWN, "question", "refusal", "contrast", "wait")


class Wish(BaseModel):
    """A customer's request."""

    text: str
    picture: int | None = None  # counted from 1; None if all are meant


def wishes(reading: Reading) -> list[Wish]:
    """Return the requests of a message per picture; talk about money and time contains none."""
    return _split(reading, _DESCRIBING) if "description" in reading.kinds else []


def note_for(words: str, number: int, sent: int | None = None) -> str:
    """Return the part of a text sent with pictures that is about one of them; the whole text if it names none.

    `sent` is how many pictures came with it: a single one is meant whatever its number.
    """
    reading = read(words)
    if sent == 1 or not any(clause.pictures for clause in reading.clauses):
        return words
    wanted = [wish.text for wish in _split(reading, _PERHAPS_DESCRIBING) if wish.picture in {None, number}]
    return "\n".join(wanted)


def _split(reading: Reading, kinds: Collection[str]) -> list[Wish]:
    stretches: list[tuple[list[int | None], str]] = []
    meant: list[int | None] = [None]
    for clause in reading.clauses:
        meant = [*clause.pictures] or ([None] if _is_for_all(clause) else meant)
        text = _wish_text(clause, kinds)
        if text and stretches and stretches[-1][0] == meant and not clause.pictures:
            stretches[-1] = (meant, stretches[-1][1] + clause.separator + text)
        elif text:
            stretches.append((meant, text))
    return [Wish(text=text, picture=picture) for pictures, text in stretches for picture in pictures]


def _is_for_all(clause: Clause) -> bool:
    return bool(FOR_ALL.search(clause.said) or THE_OTHERS.search(clause.said))


def _wish_text(clause: Clause, kinds: Collection[str]) -> str:
    """The clause without its picture number, if anything remains; 只要第二张 keeps it."""
    if clause.kind == "picture" and _NOTHING_ELSE.search(clause.said):
        return clause.text
    if clause.kind not in kinds:
        return ""
    found = subject().search(clause.text)
    if found is None or len(NAMED.findall(clause.text)) != 1:
        return clause.text
    before, after = clause.text[: found.start()], clause.text[found.end() :]
    rest = after if _ASKING.fullmatch(before) else before + after
    return rest.lstrip("都也的 ").rstrip("和跟与 ") or clause.text
