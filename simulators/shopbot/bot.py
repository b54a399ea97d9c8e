"""The shop's bot: forwards messages and payments to the shop, and answers itself if the shop gives no reply."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from simulators.common.ledger import Entry
from simulators.shopbot.conversation import CUSTOMERS, Conversations
from simulators.shopbot.gateway import Gateway, NotTaken
from simulators.shopbot.wishes import Wish, picture_in, wish_in

FINISHED = {"completed", "declined", "cancelled", "expired"}  # a picture sent after that starts another order
GREETING = "您好,把要修的图片发给我看看吧,想怎么改也说一下哈"
UNDERSTOOD = "好的,收到"
ASKED = "好的,我帮您问问设计师,稍等哈"
FOUND, NOT_FOUND = "找到这些,您看看是不是", "没找到一样的,我帮您问问设计师"
MINE = "这些是您的图,您看看是不是"
NOTHING_OF_THE_KIND = "没找到您说的图,把原图或截图发我再找一次,或者说“转人工”,我请设计师帮您看"
MOST_SHOWN = 6
OVER = "上一单已经结束啦,把要修的图片再发给我吧"
WHICH = "第几张要转给设计师呀?"
WHICH_CHANGE = "第几张要改呀?"


class ShopBot:
    """The bot. Each line keeps its id when it is sent again, so that the shop handles it once."""

    def __init__(self, talk: Conversations, pictures: Path, gateway: Gateway) -> None:
        pictures.mkdir(parents=True, exist_ok=True)
        self._talk = talk
        self._pictures = pictures
        self._gateway = gateway
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.under_way: set[str] = set()

    async def hear(
        self, customer: str, line: str, text: str, pictures: Sequence[bytes], *, is_cancel: bool = False
    ) -> None:
        """Accept a customer's text and pictures, or a click on the cancel button, and forward them to the shop.

        Raises NotTaken; then `bring` can retry the line.
        """
        names = [await asyncio.to_thread(self._keep, picture) for picture in pictures]
        self._talk.note(customer, line, "said", text=text, pictures=names, is_cancel=is_cancel)
        await self.bring(customer, line)

    async def pay(self, customer: str, line: str, order: str, amount: str) -> None:
        """Accept a payment, like the shop platform. Raises NotTaken; then `bring` can retry the line."""
        self._talk.note(customer, line, "payment", text=f"付款 ¥{amount}", order=order, amount=amount)
        await self.bring(customer, line)

    async def bring(self, customer: str, line: str) -> None:
        """Send a line to the shop, unless it has arrived. Raises NotTaken, or LookupError for an unknown line."""
        said = self._talk.find(customer, line, *CUSTOMERS)
        if said is None:
            raise LookupError(line)
        self.under_way.add(line)
        try:
            async with self._turns[customer]:  # in the order in which the customer sent them
                if not self._talk.find(customer, line, "arrived"):
                    await self._bring(said)
                    self._talk.note(customer, line, "arrived")
        except NotTaken as error:
            self._talk.note_failure(customer, line, str(error), is_final=error.is_final)
            raise
        finally:
            self.under_way.discard(line)

    def picture(self, name: str) -> Path:
        """Return the path of a picture sent by a customer."""
        return self._pictures / name

    async def _bring(self, said: Entry) -> None:
        if said["kind"] == "payment":
            await self._gateway.pay(said["order"], said["amount"], f"sim-{said['line']}")
            return
        order = self._talk.order_of(said["customer"])
        wish = wish_in(said["text"])
        if order and said.get("is_cancel"):
            self._pass_on(said, await self._gateway.cancel(order, said["line"]))
        elif wish is Wish.MINE and not said["pictures"]:
            await self._show_shelf(said)
        elif wish in {Wish.FIND, Wish.MINE}:
            await self._find(said)
        elif wish is Wish.RESEND and order:
            await self._gateway.event(order, "resend_requested", event_id=said["line"], requested_by="customer")
        elif (wish is Wish.QUESTION and await self._is_over(order)) or (wish is Wish.DESIGNER and order is None):
            await self._ask_designers(said)
        elif wish is Wish.DESIGNER and order and not said["pictures"]:
            await self._transfer(said, order)
        elif said["pictures"]:
            await self._bring_pictures(said, order)
        elif order is None:
            self._answer(said, GREETING)
        else:
            await self._bring_words(said, order)

    async def _is_over(self, order: str | None) -> bool:
        return order is None or (await self._gateway.order(order))["status"] in FINISHED

    async def _find(self, said: Entry) -> None:
        """Show matches in the library. If there are none, the shop itself says that a designer is asked."""
        key = await self._upload(said, said["pictures"][0]) if said["pictures"] else None
        found = await self._gateway.find(said["customer"], said["text"], key, said["line"])
        links = [match["link"] for match in found["matches"]]
        nothing = NOT_FOUND if key else NOTHING_OF_THE_KIND
        self._answer(said, found["refused"] or (FOUND if links else nothing), links=links)

    async def _show_shelf(self, said: Entry) -> None:
        """Show the customer's own pictures, newest first."""
        pictures = [picture for order in await self._gateway.shelf(said["customer"]) for picture in order["pictures"]]
        links = [link for one in pictures if (link := one["preview_url"] or one["original_url"])]
        self._answer(said, MINE if links else NOTHING_OF_THE_KIND, links=links[:MOST_SHOWN])

    async def _ask_designers(self, said: Entry) -> None:
        """Ask designers a question without an order, with at most one picture."""
        key = await self._upload(said, said["pictures"][0]) if said["pictures"] else None
        await self._gateway.ask_designers(said["customer"], said["text"], key, said["line"])
        self._answer(said, ASKED)

    async def _transfer(self, said: Entry, order: str) -> None:
        """Transfer a picture to a designer; the order itself tells the customer."""
        seen = await self._gateway.order(order)
        if seen["status"] in FINISHED:
            self._answer(said, OVER)
            return
        pictures = seen["pictures"]
        number = picture_in(said["text"]) or (1 if len(pictures) == 1 else None)
        task = next((picture["task_id"] for picture in pictures if picture["number"] == number), None)
        if task is None:
            self._answer(said, WHICH)
            return
        reason = f"客户要求:{said['text']}"
        await self._gateway.event(order, "transfer_requested", event_id=said["line"], reason=reason, task_id=task)

    async def _bring_words(self, said: Entry, order: str) -> None:
        answer = await self._gateway.say(order, said["text"], said["line"])
        if answer.get("act") == "nothing" and wish_in(said["text"]) is Wish.CHANGE:
            await self._revise(said, order)
        else:
            self._pass_on(said, answer)

    async def _revise(self, said: Entry, order: str) -> None:
        """Request a revision of a preview; the order itself tells the customer."""
        shown = [one for one in (await self._gateway.order(order))["pictures"] if one["status"] == "awaiting_confirm"]
        number = picture_in(said["text"]) or (shown[0]["number"] if len(shown) == 1 else None)
        task = next((picture["task_id"] for picture in shown if picture["number"] == number), None)
        if task is None:
            self._answer(said, WHICH_CHANGE if shown else UNDERSTOOD)
            return
        event = f"{said['line']}-revision"
        await self._gateway.event(order, "revision_requested", event_id=event, note=said["text"], task_id=task)

    def _pass_on(self, said: Entry, answer: dict[str, Any]) -> None:
        """Pass on the order's answer, unless the order sends its own message."""
        reply = answer.get("reply") or (answer.get("reason") or {}).get("text")
        if reply or not answer.get("is_sent"):
            self._answer(said, reply or UNDERSTOOD)

    async def _bring_pictures(self, said: Entry, order: str | None) -> None:
        if self._talk.find(said["customer"], said["line"], "order"):  # it started one before a restart
            return
        status = (await self._gateway.order(order))["status"] if order else None
        keys = [await self._upload(said, name) for name in said["pictures"]]
        if order is None or status in FINISHED:
            wanted = [{"image_key": key, "note": said["text"]} for key in keys]
            begun = await self._gateway.start(said["customer"], wanted, said["line"])
            self._talk.note(said["customer"], said["line"], "order", order=begun)
            return
        is_unpaid = status == "pending"
        for number, key in enumerate(keys, 1):
            note = {"note": said["text"]} if is_unpaid else {}
            await self._gateway.event(
                order, "image_received", event_id=f"{said['line']}-{number}", image_key=key, **note
            )
        if said["text"] and not is_unpaid:  # staff see the picture; the wish is in the text
            await self._bring_words(said, order)

    async def _upload(self, said: Entry, name: str) -> str:
        """Upload a picture only once: a second upload would count as another picture."""
        customer, line = said["customer"], f"{said['line']}-{name}"
        if found := self._talk.find(customer, line, "uploaded"):
            return str(found["key"])
        picture = await asyncio.to_thread(self.picture(name).read_bytes)
        return str(self._talk.note(customer, line, "uploaded", key=await self._gateway.upload(picture))["key"])

    def _answer(self, said: Entry, text: str, **more: list[str]) -> None:
        self._talk.note(said["customer"], said["line"], "reply", text=text, **more)

    def _keep(self, picture: bytes) -> str:
        name = sha256(picture).hexdigest()
        self.picture(name).write_bytes(picture)
        return name
