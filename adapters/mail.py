"""Letters over SMTP: plain text, HTML and attachments, with a Message-ID that stays the same over retries."""

import asyncio
import ssl
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import Literal

import aiosmtplib

from domain.errors import AddressRefused, DarkroomError, OutsideRefused, OutsideUnavailable
from domain.ports import Attachment, Letter

TIMEOUT_SECONDS = 30
PERMANENT = 500  # the first reply code that means "do not try again" (RFC 5321, 4.2.1)


class SmtpMail:
    """The Mail port. SMTP delivers at least once: a repeat after a lost answer bears the same Message-ID."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        security: Literal["none", "starttls", "tls"] = "none",
        username: str | None = None,
        password: str | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._deliver = partial(
            aiosmtplib.send,
            hostname=host,
            port=port,
            username=username,
            password=password,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=tls_context,
            timeout=TIMEOUT_SECONDS,
        )
        self._sender = sender
        self._sender_address = parseaddr(sender)[1]

    async def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server. Raises AddressRefused, OutsideUnavailable, OutsideRefused."""
        to = _recipient(letter.to)
        # Base64 of 18 MB takes a second: not in the event loop.
        message = await asyncio.to_thread(self._compose, letter, to)
        try:
            await self._deliver(message, sender=self._sender_address, recipients=[to.addr_spec])
        except (aiosmtplib.SMTPException, OSError) as error:
            raise classify(error) from error

    def _compose(self, letter: Letter, to: Address) -> bytes:
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))  # passes servers that know no 8-bit text
        message["Message-ID"] = _message_id(letter.message_id, self._sender_address)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = _one_line(letter.subject)
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        for picture in letter.inline:
            _show(message, picture)
        for attachment in letter.attachments:
            main, _, sub = attachment.content_type.partition("/")
            filename = _one_line(attachment.filename)
            message.add_attachment(attachment.data, maintype=main, subtype=sub, filename=filename)
        return message.as_bytes()


def _show(message: EmailMessage, picture: Attachment) -> None:
    """Put a picture beside the HTML, which names it as `cid:`."""
    page = message.get_body(("html",))
    assert page is not None
    main, _, sub = picture.content_type.partition("/")
    cid = f"<{_one_line(picture.filename)}>"
    page.add_related(picture.data, maintype=main, subtype=sub, cid=cid, disposition="inline")


def classify(error: Exception) -> DarkroomError:
    """Turn an error of SMTP or of the network into one of ours (RFC 5321: 4xx for now, 5xx for good)."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refusal = error.recipients[0]
        message = f"The recipient was refused: {refusal.code} {refusal.message}"
        return AddressRefused(message) if refusal.code >= PERMANENT else OutsideUnavailable(message)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        message = f"The mail server answered {error.code} {error.message}"
        return OutsideRefused(message) if error.code >= PERMANENT else OutsideUnavailable(message)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return OutsideRefused(f"The mail server lacks what is needed: {error}")
    return OutsideUnavailable(f"The mail server cannot be reached: {error!r}")


def _recipient(address: str) -> Address:
    try:
        return Address(addr_spec=address)
    except (MessageError, ValueError, IndexError) as error:  # IndexError: how it meets some half addresses
        raise AddressRefused(f"Not an e-mail address: {error}") from error


def _message_id(name: str, sender: str) -> str:
    name = _one_line(name).strip("<>")
    return f"<{name}>" if "@" in name else f"<{name}@{sender.partition('@')[2]}>"


def _one_line(text: str) -> str:
    """Fold white space and control characters into single spaces, so that no header can be injected."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
