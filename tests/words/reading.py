"""Labelled sentences of customers: what the shop may do upon each, as `README.md` beside this file says."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_UNPAID_OR_AT_WORK = {"note", "ask_back", "tell_staff", "nothing"}
_SHOWN = {"mail", "accept", "round", "ask_what", "ask_back", "tell_staff", "nothing"}
POSSIBLE = {
    "pending": _UNPAID_OR_AT_WORK,
    "processing": _UNPAID_OR_AT_WORK,
    "awaiting_confirm": _SHOWN,
    "awaiting_confirm:2": _SHOWN,
    "revision": _SHOWN,
}


@dataclass(frozen=True)
class Sentence:
    """A customer's text in a state, and the acts that are allowed upon it, the best one first."""

    state: str
    acts: tuple[str, ...]
    text: str

    def is_understood(self, act: str) -> bool:
        """Tell whether the act is the best one."""
        return act == self.acts[0]

    def is_wrong(self, act: str) -> bool:
        """Tell whether something was done that must not be. To do nothing is never wrong: the bot answers."""
        return act not in (*self.acts, "nothing")


def load(name: str, folder: Path = FOLDER) -> list[Sentence]:
    """Read a file of sentences; a mistake in it is a ValueError that names the line."""
    sentences: dict[tuple[str, str], Sentence] = {}
    for number, line in enumerate((folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# "):
            continue
        try:
            sentence = _parse(line)
        except ValueError as error:
            raise ValueError(f"{name}.tsv, line {number}: {error}") from error
        if sentences.setdefault((sentence.state, sentence.text), sentence) is not sentence:
            raise ValueError(f"{name}.tsv, line {number}: a second time: {sentence.text}")
    return list(sentences.values())


def _parse(line: str) -> Sentence:
    state, acts, text = line.split("\t")
    if state not in POSSIBLE:
        raise ValueError(f"unknown state {state!r}")
    allowed = tuple(acts.split("|"))
    if unknown := set(allowed) - POSSIBLE[state]:
        raise ValueError(f"not possible in {state}: {', '.join(sorted(unknown))}")
    if not text.strip() or len(set(allowed)) < len(allowed):
        raise ValueError("no text, or an act twice")
    return Sentence(state, allowed, text.replace("\\n", "\n"))
