"""Encodes and folds e-mail headers so that all mail programs can read them, in any script and length."""

from email.header import Header
from email.policy import EmailPolicy

LONGEST_WORD = 60  # bytes of ASCII that are not encoded
LINE = 76  # bytes; RFC 5322 recommends at most 78


class LetterPolicy(EmailPolicy):
    """The standard SMTP policy, except for subjects: it loses the spaces between words of different scripts."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header, folded and encoded for sending."""
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        header = Header(value, _charset(value), maxlinelen=LINE, header_name=name)
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}".encode()


def _charset(words: str) -> str:
    longest = max(map(len, words.split()), default=0)
    return "us-ascii" if words.isascii() and "=?" not in words and longest <= LONGEST_WORD else "utf-8"
