"""The customer's own words in a prompt."""

import re

from adapters.imaging.edit_words import FINDING, LABELS, OURS, read
from domain.ports import Wish

CLAUSES = re.compile(r"[,.;!?，。；！？、\n]+")
STAYS = re.compile(r"不变|不动|不要动|不要改|别动|别改|不改|保持|保留|keep|unchanged|as (?:it|they) (?:is|are)|leave")


def words_of(wish: Wish) -> str:
    """Return the lines of a prompt that are wishes, in lower case: without our own lines and what a check found."""
    wishes = []
    for line in map(str.strip, wish.prompt.splitlines()):
        if line.startswith(FINDING):
            break
        if line not in OURS:
            wishes.append(LABELS.sub("", line).lower())
    return "\n".join(wishes)


def changes_of(wish: Wish) -> str:
    """Return these words without the clauses that say what stays as it is."""
    return "\n".join(clause for clause in CLAUSES.split(words_of(wish)) if not STAYS.search(clause))


def asks_for_more(wish: Wish) -> bool:
    """Whether the customer asks for changes besides the operation; any revision does."""
    edits = read(wish.prompt, is_edit=False)
    return bool(edits) or not edits.is_whole
