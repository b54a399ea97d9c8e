"""A real SMTP server that accepts every e-mail, except for recipients in two domains.

`refused.example` is rejected permanently (550), `later.example` temporarily (451).
"""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP

from simulators.mail.mailbox import Mailbox

REFUSALS = {
    "refused.example": "550 5.1.1 No such mailbox here",
    "later.example": "451 4.3.0 Mailbox temporarily unavailable",
}


class Handler:
    """The handlers that aiosmtpd calls for each verb."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Accept or refuse a recipient, depending on its domain."""
        refusal = REFUSALS.get(address.rpartition("@")[2].lower())
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Store the e-mail, then confirm it."""
        number = await self._mailbox.take(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return f"250 OK: queued as {number}"


async def start_smtp(mailbox: Mailbox, host: str, port: int) -> asyncio.Server:
    """Listen on this event loop; port 0 chooses a free one. Raises OSError."""
    loop = asyncio.get_running_loop()
    handler = Handler(mailbox)
    return await loop.create_server(lambda: SMTP(handler, hostname="mail.example", loop=loop), host, port)
