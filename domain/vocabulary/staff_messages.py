"""Combines notices into messages to staff that fit the size limit, and shortens long ones."""

from collections.abc import Iterable

LONGEST_BYTES = 4096  # of UTF-8, in one Markdown message of a WeCom group robot
BETWEEN = "\n\n"
AND_SO_ON = "…"


def fits(markdown: str) -> bool:
    """Whether a message is within the size limit."""
    return len(markdown.encode()) <= LONGEST_BYTES


def shortened(markdown: str) -> str:
    """Return a message that fits: unchanged, cut after a line, or if its lines are long, after a character."""
    if fits(markdown):
        return markdown
    room = LONGEST_BYTES - len(f"\n{AND_SO_ON}".encode())
    kept = markdown.encode()[:room].decode(errors="ignore")
    lines = kept.rpartition("\n")[0]
    return f"{lines}\n{AND_SO_ON}" if len(lines) > len(kept) // 2 else f"{kept}{AND_SO_ON}"


def joined(notices: Iterable[str]) -> tuple[str, int]:
    """Return one message of as many notices as fit, at least the first, and how many these are.

    An empty notice takes no room: the shop has emptied its phrase, so that staff do not get it.
    """
    message, told = "", 0
    for notice in notices:
        longer = BETWEEN.join(part for part in (message, notice.strip()) if part)
        if message and not fits(longer):
            break
        message, told = shortened(longer), told + 1
    return message, told
