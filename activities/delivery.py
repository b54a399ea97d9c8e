"""Delivery: the finished files by e-mail, attached while they are small enough, linked always."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from temporalio import activity

from activities.failures import masked_reason
from activities.heartbeat import heartbeats, is_cancel_requested
from activities.letter_page import FilePart, LetterPage, Thumbnail
from activities.speaking import size
from domain.attempts.work import DeliveredFile, MailInput, MailOutcome
from domain.ports import Attachment, Files, Imaging, Letter, Mail, Phrases
from domain.vocabulary.errors import AddressRefused, DarkroomError, LetterTooLarge

MOST_SHOWN = 6  # files that are shown before and after; the others have their names
SHOWING_SECONDS = 20.0  # that making the small pictures may take: then the letter goes without


@dataclass
class Shown:
    """The small pictures of a letter: what goes along, and which belong to each file."""

    pictures: list[Attachment] = field(default_factory=list)
    of_files: dict[str, list[Thumbnail]] = field(default_factory=dict)


class Delivery:
    """Sends finished files."""

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
    ) -> None:
        self._files = files
        self._mail = mail
        self._phrases = phrases
        self._attachment_limit = attachment_limit  # bytes, of all files of a letter together
        self._domain = domain
        self._imaging = imaging
        self._shop = shop

    @activity.defn
    async def mail(self, request: MailInput) -> MailOutcome:
        """Send one letter. SMTP may take it twice over a crash, so its Message-ID is the same both times."""
        message_id = f"<{request.order_id}.{request.delivery}@{self._domain}>"
        async with heartbeats("letter"):
            try:
                await self._send(request, message_id)
            except AddressRefused as error:
                return MailOutcome(status="refused", message_id=message_id, error=masked_reason(error))
        return MailOutcome(status="sent", message_id=message_id)

    async def _send(self, request: MailInput, message_id: str) -> None:
        """Send the files where they are small enough, for us and for the mail server; else the links alone."""
        shown = await self._shown(request.files)
        if sum(file.file_size for file in request.files) <= self._attachment_limit:
            try:
                return await self._hand_over(await self._letter(request, message_id, shown, attached=True))
            except LetterTooLarge:  # it was not taken: the same letter, smaller
                pass
        return await self._hand_over(await self._letter(request, message_id, shown, attached=False))

    async def _hand_over(self, letter: Letter) -> None:
        """Hand a letter to the mail server. Once that has begun its answer is waited for, though it is called off."""
        sending = asyncio.create_task(self._mail.send(letter))
        try:
            await asyncio.shield(sending)
        except asyncio.CancelledError:
            if not is_cancel_requested():  # the worker ends: the next try bears the same Message-ID
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
        """Make the small pictures, as far as that is quick: no letter fails or waits for them."""
        shown = Shown()
        try:
            async with asyncio.timeout(SHOWING_SECONDS):
                for number, file in enumerate(files[:MOST_SHOWN], 1):
                    await self._show(file, number, shown)
        except (DarkroomError, KeyError, TimeoutError) as error:
            activity.logger.info("a letter goes without small pictures: %r", error)
        return shown

    async def _show(self, file: DeliveredFile, number: int, shown: Shown) -> None:
        """Add the picture before and after; both, or none."""
        if not file.original_key or not file.view_key:
            return
        named = {
            f"before-{number}": (file.original_key, "letter_before"),
            f"after-{number}": (file.view_key, "letter_after"),
        }
        small = [await self._imaging.thumbnail(await self._files.get(key)) for key, _ in named.values()]
        shown.pictures += [Attachment(cid, one.data, one.content_type) for cid, one in zip(named, small, strict=True)]
        shown.of_files[file.key] = [Thumbnail(cid, self._phrases.text(phrase)) for cid, (_, phrase) in named.items()]

    async def _attachment(self, file: DeliveredFile) -> Attachment:
        stored = await self._files.get(file.key)
        return Attachment(filename=file.filename, data=stored.data, content_type=file.content_type)
