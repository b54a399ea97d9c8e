"""Words for logs and failures, without what is a customer's own: addresses, and where a link leads."""

import re

MAILBOX = re.compile(r"(?<![\w.%+-])([\w.%+-])[\w.%+-]*(?=\s*[@＠])")
LINK = re.compile(r"(https?://[^\s/?#'\"<>]+)[/?#][^\s'\"<>]+")


def masked(words: str) -> str:
    """Return words in which of each e-mail address only the first letter and what follows the @ is left."""
    return MAILBOX.sub(r"\1…", words)


def redacted(words: str) -> str:
    """Return words in which, besides, of each link only the host is left."""
    return LINK.sub(r"\1/…", masked(words))
