"""Delivery: the finished files by e-mail, always as links, and attached if they are small enough."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from temporalio import activity

from activities.failures import masked_reason
from activities.heartbeat import heartbeats, is_cancel_requested
from activities.letter_page import FilePart, LetterPage, Thumbnail
from activities.measures import Measures
from activities.speaking import size
from domain.attempts.work import DeliveredFile, MailInput, MailOutcome
from domain.ports import Attachment, EncodedImage, Files, Imaging, Letter, Mail, Phrases
from domain.vocabulary import ids
from domain.vocabulary.errors import AddressRefused, DarkroomError, LetterTooLarge

MOST_SHOWN = 6  # files with before and after thumbnails; others are only named
SHOWING_SECONDS = 20.0  # for making the thumbnails; after that the e-mail is sent without them


@dataclass
class Shown:
    """The thumbnails of an e-mail: the inline attachments, and those of each file."""

    pictures: list[Attachment] = field(default_factory=list)
    of_files: dict[str, list[Thumbnail]] = field(default_factory=dict)


class Delivery:
    """Sends finished files by e-mail."""

    def __init__(
        self,
        files: Files,
        mail: Mail,
        phrases: Phrases,
        attachment_limit: int,
        domain: str,
        *,
        imaging: Imaging,
        shop: str,
        measures: Measures | None = None,
    ) -> None:
        self._files = files
        self._mail = mail
        self._phrases = phrases
        self._attachment_limit = attachment_limit  # bytes, all files of an e-mail together
        self._domain = domain
        self._imaging = imaging
        self._shop = shop
        self._measures = measures or Measures()

    @activity.defn
    async def mail(self, request: MailInput) -> MailOutcome:
        """Send one e-mail. After a crash it may be sent again, so its Message-ID stays the same."""
        message_id = f"<{request.order_id}.{request.delivery}@{self._domain}>"
        async with heartbeats("letter"):
            try:
                await self._send(request, message_id)
            except AddressRefused as error:
                self._measures.letter("refused")
                return MailOutcome(status="refused", message_id=message_id, error=masked_reason(error))
        self._measures.letter("sent")
        return MailOutcome(status="sent", message_id=message_id)

    async def _send(self, request: MailInput, message_id: str) -> None:
        """Attach the files if they are small enough for us and for the mail server; otherwise send only the links."""
        shown = await self._shown(request.files)
        if sum(file.file_size for file in request.files) <= self._attachment_limit:
            try:
                return await self._hand_over(await self._letter(request, message_id, shown, attached=True))
            except LetterTooLarge:  # refused: send it without attachments
                pass
        return await self._hand_over(await self._letter(request, message_id, shown, attached=False))

    async def _hand_over(self, letter: Letter) -> None:
        """Send an e-mail. Once that has begun, even a cancellation waits for the mail server's reply."""
        sending = asyncio.create_task(self._mail.send(letter))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            if not is_cancel_requested():  # the worker shuts down: the retry has the same Message-ID
                sending.cancel()
                raise
            await sending

    async def _letter(self, request: MailInput, message_id: str, shown: Shown, *, attached: bool) -> Letter:
        page = self._page(request, shown, attached=attached)
        return Letter(
            message_id=message_id,
            to=request.to,
            subject=self._phrases.text("mail_subject", order_id=request.order_id),
            text=page.text,
            html=page.html,
            attachments=tuple([await self._attachment(file) for file in request.files] if attached else []),
            inline=tuple(shown.pictures),
        )

    def _page(self, request: MailInput, shown: Shown, *, attached: bool) -> LetterPage:
        say = self._phrases.text
        return LetterPage(
            shop=self._shop,
            greeting=say("mail_greeting", name=request.customer_name, count=len(request.files)),
            how=say("mail_attached" if attached else "mail_linked"),
            files=[self._part(file, shown.of_files.get(file.key, [])) for file in request.files],
            links_live=say("letter_links_live"),
            closing=say("mail_closing"),
            about=say("letter_about", shop=self._shop, order_id=request.order_id),
        )

    def _part(self, file: DeliveredFile, thumbnails: Sequence[Thumbnail]) -> FilePart:
        say = self._phrases.text
        done = [say("letter_done", operation=file.operation)] if file.operation else []
        pixels = [say("letter_pixels", width=file.width, height=file.height)] if file.width else []
        facts = [*done, *pixels, say("letter_file_size", size=size(file.file_size))]
        url = self._files.link(file.key, file.filename)
        return FilePart(file.filename, facts, url, say("letter_button"), thumbnails)

    async def _shown(self, files: Sequence[DeliveredFile]) -> Shown:
        """Make the thumbnails. An e-mail neither fails because of them nor waits longer than `SHOWING_SECONDS`."""
        shown = Shown()
        try:
            async with asyncio.timeout(SHOWING_SECONDS):
                for number, file in enumerate(files[:MOST_SHOWN], 1):
                    await self._show(file, number, shown)
        except (DarkroomError, KeyError, TimeoutError) as error:
            activity.logger.info("sending an e-mail without thumbnails: %r", error)
        return shown

    async def _show(self, file: DeliveredFile, number: int, shown: Shown) -> None:
        """Add the thumbnails before and after: both or neither."""
        if not file.original_key or not file.view_key:
            return
        before = await self._small(file.original_key, file.original_key)
        after = await self._small(file.key, file.view_key)
        named = {f"before-{number}": (before, "letter_before"), f"after-{number}": (after, "letter_after")}
        shown.pictures += [Attachment(cid, small.data, small.content_type) for cid, (small, _) in named.items()]
        shown.of_files[file.key] = [Thumbnail(cid, self._phrases.text(phrase)) for cid, (_, phrase) in named.items()]

    async def _small(self, key: str, view_key: str) -> EncodedImage:
        """Return the stored thumbnail of a file; one from before they were stored is made."""
        with suppress(KeyError):
            return await self._files.get(ids.thumbnail_of(key))
        return await self._imaging.thumbnail(await self._files.get(view_key))

    async def _attachment(self, file: DeliveredFile) -> Attachment:
        stored = await self._files.get(file.key)
        return Attachment(filename=file.filename, data=stored.data, content_type=file.content_type)
