"""Words of others where people read them: one function for each place, so that they forge no line and make no link."""

import re
from collections.abc import Iterable

LONGEST = 160  # characters of what somebody said, where it stands among other things

# Letters of any script, digits, and punctuation that means nothing to Markdown; a dot or a colon between digits.
_HARMLESS = re.compile(r"(?:[^\W_]|[ ,，。、：；！？()（）%+→·「」“”-]|(?<=\w)_(?=\w)|(?<=\d)[.:/](?=\d))*")
# What WeCom's Markdown would take for a link, a colour or a mention of everybody, in its full-width form.
_OF_WECOM = str.maketrans({"*": "＊", "<": "＜", ">": "＞", "`": "'", "[": "［", "]": "］"})


def one_line(words: str) -> str:
    """Return words for plain text that has a field a line: without line breaks and invisible characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def short_line(words: str) -> str:
    """Return words for a line of the journal."""
    line = one_line(words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def literal(words: str) -> str:
    """Return words for the Markdown of the Temporal Web UI: in a code span, where nothing is a link or a tag."""
    line = short_line(words)
    return line if _HARMLESS.fullmatch(line) else f"`{line.replace('`', 'ˋ')}`"


def plain(words: str) -> str:
    """Return words for the Markdown of WeCom, which knows no escapes."""
    return one_line(words).translate(_OF_WECOM)


def markdown_lines(lines: Iterable[str]) -> str:
    """Join lines, each of which stays one: Markdown would flow them together."""
    return "  \n".join(lines)
