"""Words of others in Markdown: they are shown as they are, and make no link, heading, line or tag."""

import re

LONGEST = 160  # characters of what somebody said, in one line

# Letters of any script, digits, and punctuation that means nothing to Markdown; a dot or a colon between digits.
_HARMLESS = re.compile(r"(?:[^\W_]|[ ,，。、：；！？()（）%+→·「」“”-]|(?<=\w)_(?=\w)|(?<=\d)[.:/](?=\d))*")


def literal(words: str) -> str:
    """Return words as one line that Markdown leaves alone: in a code span, where nothing is a link or a tag."""
    line = one_line(words)
    return line if _HARMLESS.fullmatch(line) else f"`{line.replace('`', 'ˋ')}`"


def one_line(words: str) -> str:
    """Return words without line breaks and invisible characters, and not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
