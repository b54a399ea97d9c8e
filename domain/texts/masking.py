"""Removes personal data from texts for logs and failures: e-mail addresses and the paths of links."""

import re

MAILBOX = re.compile(r"(?<![\w.%+-])([\w.%+-])[\w.%+-]*(?=\s*[@＠])")
LINK = re.compile(r"(https?://[^\s/?#'\"<>]+)[/?#][^\s'\"<>]+")


def masked(words: str) -> str:
    """Return text with e-mail addresses masked, except their first letter and domain."""
    return MAILBOX.sub(r"\1…", words)


def redacted(words: str) -> str:
    """Return text with e-mail addresses masked and links cut to their host."""
    return LINK.sub(r"\1/…", masked(words))
