"""Escapes untrusted text for each place where it is shown, so that it cannot forge lines or links."""

import re
from collections.abc import Iterable

LONGEST = 160  # characters of quoted text within a line

# Letters of any script, digits, punctuation without meaning in Markdown, and a dot or colon between digits.
_HARMLESS = re.compile(r"(?:[^\W_]|[ ,，。、：；！？()（）%+→·「」“”-]|(?<=\w)_(?=\w)|(?<=\d)[.:/](?=\d))*")
# Full-width forms of characters that WeCom's Markdown uses for links, colours and @all.
_OF_WECOM = str.maketrans({"*": "＊", "<": "＜", ">": "＞", "`": "'", "[": "［", "]": "］"})


def one_line(words: str) -> str:
    """Return text for plain output with one field per line: without line breaks and invisible characters."""
    if not words.isprintable():
        words = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(words.split())


def short_line(words: str) -> str:
    """Return text for a line of the journal: one line, shortened to `LONGEST` characters."""
    line = one_line(words)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def literal(words: str) -> str:
    """Return text for the Temporal Web UI: in a code span, unless it is free of Markdown."""
    line = short_line(words)
    return line if _HARMLESS.fullmatch(line) else f"`{line.replace('`', 'ˋ')}`"


def plain(words: str) -> str:
    """Return text for WeCom's Markdown, which has no escapes."""
    return one_line(words).translate(_OF_WECOM)


def markdown_lines(lines: Iterable[str]) -> str:
    """Join lines with Markdown line breaks, so that they are not merged into one paragraph."""
    return "  \n".join(lines)
