"""The base of the demo's acts: an order, its customer's messages, and the check of the result."""

import asyncio
from collections.abc import Callable, Mapping

import httpx
from rich.console import Console

from demo.narrator import Narrator
from demo.proof import keep_pictures, letters_of
from domain.order.messages import CustomerMessage, Event, OrderRequest, PaymentReceived, RequestedPicture
from domain.order.order import Order
from domain.texts.catalogue import TEXTS
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from runtime import wiring
from runtime.paths import DATA, ROOT
from runtime.settings import Settings
from stack.errors import StackError
from starter import orders
from starter.client import connect

PHOTOS = ROOT / "demo" / "photos"
ADDRESS = "wang@example.com"
Reached = Callable[[Order], bool]


class Act:
    """One order, and everything its participants do."""

    def __init__(self, settings: Settings, console: Console, patience: float) -> None:
        self.settings = settings
        self.patience = patience
        self.console = console
        self.order_id = orders.new_order_id(settings.shop_timezone)
        self.customer = f"wang-{self.order_id[-6:].lower()}"
        self.narrator = Narrator(console, settings.simulators_url or "", self.customer)

    async def begin(self, title: str, wishes: Mapping[str, str]) -> None:
        """Start an order with these photos, and wait for its quote."""
        self.narrator.title(f"{self.order_id}: {title}")
        self.client = await connect(self.settings.temporal_address, self.settings.temporal_namespace)
        files, pictures = wiring.files(self.settings), []
        for number, (name, wish) in enumerate(wishes.items(), 1):
            photo = PHOTOS / name
            key = f"uploads/{self.order_id}/{number}{photo.suffix}"
            await files.put(key, photo.read_bytes(), "application/octet-stream")
            pictures.append(RequestedPicture(image_key=key, note=wish))
            self.narrator.customer(f"[{name}] {wish}")
        request = OrderRequest(customer_id=self.customer, customer_name="王小姐", acc_id="demo", pictures=pictures)
        await orders.start(self.client, self.order_id, request)
        await self.until(lambda order: order.quote is not None and not order.has_unreported)

    async def pay(self) -> None:
        """Pay the quoted price."""
        quote = (await orders.snapshot(self.client, self.order_id)).quote
        assert quote is not None
        self.narrator.customer(f"[付款 {quote.minimum} {quote.currency}]")
        payment = PaymentReceived(event_id="demo-payment", payment_id=f"demo-{self.order_id}", amount=quote.minimum)
        await self._send("payment_received", payment)

    async def say(self, text: str) -> None:
        """Send a message of the customer."""
        self.narrator.customer(text)
        await self._send("customer_message", CustomerMessage(event_id=f"demo-{text}", text=text))

    async def _send(self, signal: str, event: Event) -> None:
        await orders.send(self.client, self.order_id, signal, event)

    async def until(self, reached: Reached) -> Order:
        """Narrate until the order has come this far. Raises TimeoutError, or StackError if it fails."""
        async with asyncio.timeout(self.patience):
            while True:
                order = await orders.snapshot(self.client, self.order_id)
                await self.narrator.tell(order)
                if reached(order):
                    await self.narrator.tell(order)
                    return order
                if order.status is Status.FAILED:
                    raise StackError(
                        "; ".join(TEXTS["en"].say(picture.error) for picture in order.pictures if picture.error)
                    )
                await asyncio.sleep(0.2)

    async def prove(self, order: Order) -> bool:
        """Return whether e-mails with every finished picture, byte for byte, are in the mailbox."""
        folder = DATA / "demo" / self.order_id
        folder.mkdir(parents=True, exist_ok=True)
        async with httpx.AsyncClient(base_url=self.settings.simulators_url or "") as http:
            arrived = await letters_of(http, order, ADDRESS, folder)
        pairs = await keep_pictures(self.settings, order, folder)
        link = f"{self.settings.temporal_ui_url}/namespaces/{self.settings.temporal_namespace}/workflows"
        self.console.print()
        self.line("E-mail", f"arrived with {len(arrived)} of {len(order.live)} pictures")
        for path in [*arrived, *pairs]:
            self.line("Before | after" if path in pairs else "Attachment", str(path))
        self.line("Temporal Web UI", f"{link}/{ids.workflow_id(self.order_id)}")
        self.line("Conversation", f"{self.settings.simulators_url}/bot/conversations/{self.customer}")
        return len(arrived) == len(order.live)

    def line(self, what: str, where: str) -> None:
        """Print the location of something to look at."""
        self.console.print(f"{what + ':':<16} {where}", markup=False, soft_wrap=True)


def everybody_knows_of_the_end(order: Order) -> bool:
    """Whether the files are delivered and all messages are sent."""
    return order.status is Status.COMPLETED and not order.has_unreported and not order.notices


def previews_of(round_of_first: int) -> Reached:
    """Return a condition: the previews of this round are sent."""

    def reached(order: Order) -> bool:
        return (
            order.status is Status.AWAITING_CONFIRM
            and order.live[0].round == round_of_first
            and not order.has_unreported
        )

    return reached
