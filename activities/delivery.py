"""Delivery: the finished files by e-mail, attached while they are small enough, linked always."""

import html

from temporalio import activity

from activities.heartbeat import heartbeats
from domain.errors import AddressRefused
from domain.ports import Attachment, Files, Letter, Mail, Phrases
from domain.work import DeliveredFile, MailInput, MailOutcome


class Delivery:
    """Sends finished files."""

    def __init__(self, files: Files, mail: Mail, phrases: Phrases, attachment_limit: int, domain: str) -> None:
        self._files = files
        self._mail = mail
        self._phrases = phrases
        self._attachment_limit = attachment_limit  # bytes, of all files of a letter together
        self._domain = domain

    @activity.defn
    async def mail(self, request: MailInput) -> MailOutcome:
        """Send one letter. SMTP may take it twice over a crash, so its Message-ID is the same both times."""
        message_id = f"<{request.order_id}.{request.delivery}@{self._domain}>"
        async with heartbeats("letter"):
            letter = await self._letter(request, message_id)
            try:
                await self._mail.send(letter)
            except AddressRefused as error:
                return MailOutcome(status="refused", message_id=message_id, error=error.told)
        return MailOutcome(status="sent", message_id=message_id)

    async def _letter(self, request: MailInput, message_id: str) -> Letter:
        attached = sum(file.file_size for file in request.files) <= self._attachment_limit
        links = [(file.filename, self._files.link(file.key, file.filename)) for file in request.files]
        say = self._phrases.text
        greeting = say("mail_greeting", name=request.customer_name, count=len(request.files))
        how, closing = say("mail_attached" if attached else "mail_linked"), say("mail_closing")
        return Letter(
            message_id=message_id,
            to=request.to,
            subject=say("mail_subject", order_id=request.order_id),
            text="\n".join([greeting, how, *(f"{name}: {url}" for name, url in links), "", closing]),
            html=_html(greeting, how, links, closing),
            attachments=tuple([await self._attachment(file) for file in request.files] if attached else []),
        )

    async def _attachment(self, file: DeliveredFile) -> Attachment:
        stored = await self._files.get(file.key)
        return Attachment(filename=file.filename, data=stored.data, content_type=file.content_type)


def _html(greeting: str, how: str, links: list[tuple[str, str]], closing: str) -> str:
    items = "".join(f'<li><a href="{html.escape(url)}">{html.escape(name)}</a></li>' for name, url in links)
    paragraphs = [f"<p>{html.escape(greeting)}</p>", f"<p>{html.escape(how)}</p>", f"<ul>{items}</ul>"]
    return "\n".join([*paragraphs, f"<p>{html.escape(closing)}</p>"])
