"""Sends e-mail over SMTP: plain text, HTML and attachments, with the same Message-ID on every retry."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from typing import Literal

import aiosmtplib

from adapters.mail.headers import LetterPolicy
from adapters.mail.replies import classify
from domain.ports import Attachment, Letter
from domain.vocabulary.errors import AddressRefused, LetterTooLarge
from domain.vocabulary.mailbox import ascii_domain, mailbox

TIMEOUT_SECONDS = 30
POLICY = LetterPolicy(linesep="\r\n", cte_type="7bit")  # for servers without 8BITMIME


class SmtpMail:
    """The Mail port. Delivery is at least once: a retry after a lost reply has the same Message-ID."""

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
        self._connection: Callable[[], aiosmtplib.SMTP] = partial(
            aiosmtplib.SMTP,
            hostname=host,
            port=port,
            username=username,
            password=password,
            use_tls=security == "tls",
            start_tls=security == "starttls",
            tls_context=tls_context,
            timeout=TIMEOUT_SECONDS,
        )
        self._sender = mailbox(sender)

    async def send(self, letter: Letter) -> None:
        """Send an e-mail.

        Raises AddressRefused, LetterTooLarge if it could be sent without attachments, OutsideUnavailable,
        OutsideRefused.
        """
        to = _recipient(letter.to)
        # Encoding 18 MB as base64 takes a second, so not in the event loop.
        message = await asyncio.to_thread(self._compose, letter, to)
        try:
            async with self._connection() as server:
                if letter.attachments:
                    await _check_size(server, len(message))
                await server.sendmail(self._sender.addr_spec, [to.addr_spec], message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise classify(error, sender=self._sender.addr_spec, has_attachments=bool(letter.attachments)) from error

    def _compose(self, letter: Letter, to: Address) -> bytes:
        message = EmailMessage(policy=POLICY)
        message["Message-ID"] = _message_id(letter.message_id, self._sender.domain)
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
    """Attach an inline picture, which the HTML references as `cid:`."""
    page = message.get_body(("html",))
    assert page is not None
    main, _, sub = picture.content_type.partition("/")
    cid = f"<{_one_line(picture.filename)}>"
    page.add_related(picture.data, maintype=main, subtype=sub, cid=cid, disposition="inline")


async def _check_size(server: aiosmtplib.SMTP, size: int) -> None:
    """Check the server's size limit (RFC 1870), if it announces one. Raises LetterTooLarge."""
    if server.last_ehlo_response is None:
        await server.ehlo()
    most = server.esmtp_extensions.get("size", "")
    if most.isdecimal() and 0 < int(most) < size:
        raise LetterTooLarge(f"The e-mail has {size} bytes, the mail server accepts {most}")


def _recipient(address: str) -> Address:
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        raise AddressRefused("The part before the @ has non-ASCII characters, which few mail servers accept")
    try:
        return Address(addr_spec=f"{local}@{ascii_domain(domain)}")
    except (MessageError, ValueError, IndexError) as error:  # IndexError: how it meets some half addresses
        raise AddressRefused(f"Not an e-mail address: {error}") from error


def _message_id(name: str, domain: str) -> str:
    name = _one_line(name).strip("<>")
    return f"<{name}>" if "@" in name else f"<{name}@{domain}>"


def _one_line(text: str) -> str:
    """Fold white space and control characters into single spaces, so that no header can be injected."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
