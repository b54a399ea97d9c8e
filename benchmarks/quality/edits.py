"""How wishes for an edit are read: right, refused, and wrong, which is anything else than what was asked for."""

import tomllib
from collections import Counter
from pathlib import Path

from adapters.imaging.edit_words import TONES, read
from adapters.imaging.edits import BACKGROUNDS
from benchmarks.quality.pictures import is_aside
from benchmarks.quality.table import Row

WISHES = Path(__file__).with_name("edit_wishes.toml")
ENOUGH = 0.85  # of the wishes that could be done
Meaning = tuple[str | None, list[str]]
NOTHING: Meaning = (None, [])


def rows(_sheets: Path) -> list[Row]:
    """Return the counts of the wishes that were tuned on, and of those kept aside."""
    wishes = [pair for section in tomllib.loads(WISHES.read_text("utf-8")).values() for pair in section.items()]
    return [
        row
        for aside, where in ((False, "tuned on"), (True, "kept aside"))
        for row in _counted([pair for pair in wishes if is_aside(pair[0]) is aside], where)
    ]


def done(words: str) -> Meaning:
    """Return what the local model would do."""
    wanted = read(words)
    return (wanted.background, sorted(wanted.tones)) if wanted.is_whole else NOTHING


def meant(meaning: str) -> Meaning:
    """Return what stands in the file of wishes."""
    words = meaning.replace(",", " ").split()
    return next((word for word in words if word in BACKGROUNDS), None), sorted(word for word in words if word in TONES)


def verdict(words: str, meaning: str) -> str:
    """Return `right`, `refused` or `wrong`."""
    found = done(words)
    return "right" if found == meant(meaning) else "refused" if found == NOTHING else "wrong"


def _counted(wishes: list[tuple[str, str]], where: str) -> list[Row]:
    counts = Counter(verdict(*wish) for wish in wishes)
    possible = [wish for wish in wishes if wish[1]]
    share = sum(verdict(*wish) == "right" for wish in possible) / len(possible)
    shown = ", ".join(f"{counts[kind]} {kind}" for kind in ("right", "refused", "wrong"))
    return [
        Row("edits", f"{len(wishes)} wishes, {where}", shown, "0 wrong", not counts["wrong"]),
        Row("edits", f"done of {len(possible)} that can be, {where}", f"{share:.0%}", f"{ENOUGH:.0%}", share >= ENOUGH),
    ]
