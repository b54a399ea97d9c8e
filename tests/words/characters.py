"""Makes domain/language/traditional.txt with OpenCC: `python -m tests.words.characters`."""

from collections.abc import Iterator
from pathlib import Path

import opencc

FILE = Path(__file__).parents[2] / "domain" / "language" / "traditional.txt"
CONFIGURATIONS = ("t2s", "hk2s", "tw2s")  # as it is written in general, in Hong Kong, in Taiwan
CHARACTERS = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000)]


def table() -> dict[str, str]:
    """Return the simplified character of each traditional one; one that stands for another already stays."""
    pairs = dict(_pairs([opencc.OpenCC(name) for name in CONFIGURATIONS]))
    return {written: simple for written, simple in pairs.items() if written not in pairs.values()}


def _pairs(converters: list[opencc.OpenCC]) -> Iterator[tuple[str, str]]:
    for character in map(chr, CHARACTERS):
        said = (converter.convert(character) for converter in converters)
        if simple := next((one for one in said if one != character), ""):
            yield character, simple


if __name__ == "__main__":
    characters = table()
    FILE.write_text(f"{''.join(characters)}\n{''.join(characters.values())}\n", encoding="utf-8")
