"""The headers of a letter, folded so that every mail program reads them back: words of any script and length."""

from email.header import Header
from email.policy import EmailPolicy

LONGEST_WORD = 60  # bytes of ASCII that go into a line as they are
LINE = 76  # bytes; RFC 5322 asks for 78 at most


class LetterPolicy(EmailPolicy):
    """The usual policy of SMTP, but for the subject: of words in two scripts it loses the blanks between them."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header in lines, as it is sent."""
        if name.lower() != "subject":
            return super().fold_binary(name, value)
        header = Header(value, _charset(value), maxlinelen=LINE, header_name=name)
        return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}".encode()


def _charset(words: str) -> str:
    longest = max(map(len, words.split()), default=0)
    return "us-ascii" if words.isascii() and "=?" not in words and longest <= LONGEST_WORD else "utf-8"
