"""Plays one order from the picture to the letter, on the running stack or on one of its own."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from rich.console import Console

import wiring
from config import DATA, ROOT, Settings
from demo.narrator import Narrator
from demo.proof import keep_pictures, letters_of
from domain import ids
from domain.messages import CustomerMessage, Event, OrderRequest, PaymentReceived, RequestedPicture
from domain.order import Order
from domain.status import Status
from stack.errors import FolderInUse, StackError
from stack.plan import Provider, Wish
from stack.progress import Progress
from stack.up import Stack
from starter import orders
from starter.client import connect

PHOTOS = ROOT / "demo" / "photos"
WISHES = {"chelsea.png": "变清晰一点", "astronaut.jpg": "换底色,要蓝色背景"}
REVISION = "第一张颜色不对,再亮一点"
ADDRESS = "wang@example.com"
Reached = Callable[[Order], bool]


def play(provider: Provider, patience: float) -> int:
    """Play the demonstration; return 0 only if the letter with the finished pictures really arrived.

    It has failed when one step takes longer than `patience` seconds.
    """
    console = Console(highlight=False)
    try:
        return asyncio.run(_play(provider, patience, console))
    except StackError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
    except TimeoutError:
        console.print(
            f"Nothing moved for {patience:.0f} s. The logs lie in {DATA / 'logs'}.", style="red", soft_wrap=True
        )
    except KeyboardInterrupt:
        console.print("Stopped before the end.")
    return 1


async def _play(provider: Provider, patience: float, console: Console) -> int:
    async with _stack(provider, console) as settings:
        story = Story(settings, console, patience)
        arrived = await story.tell()
        if arrived and sys.stdin.isatty():
            console.print("\nEverything stays up for you to look around; press Enter to stop it.")
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.to_thread(sys.stdin.readline)
    return 0 if arrived else 1


@asynccontextmanager
async def _stack(provider: Provider, console: Console) -> AsyncIterator[Settings]:
    """Use the stack that runs on the data folder, or start one for the time of the demonstration."""
    own = Stack(DATA, Wish(provider=provider), Progress(console))
    try:
        await own.__aenter__()
    except FolderInUse:
        console.print("A stack is up already: playing on that one, with its provider.")
        yield Settings()
        return
    try:
        yield Settings()
    finally:
        await own.close()


class Story:
    """One order, and everybody's lines in it."""

    def __init__(self, settings: Settings, console: Console, patience: float) -> None:
        self.settings = settings
        self.patience = patience
        self.console = console
        self.order_id = orders.new_order_id(settings.shop_timezone)
        self.customer = f"wang-{self.order_id[-6:].lower()}"
        self.narrator = Narrator(console, settings.simulators_url or "", self.customer)

    async def tell(self) -> bool:
        """Live through the order; return whether the letter arrived."""
        self.client = await connect(self.settings.temporal_address, self.settings.temporal_namespace)
        self.narrator.title(f"{self.order_id}: two photographs, from the picture to the letter")
        await self._start()
        await self._until(lambda order: order.quote is not None and not order.has_news)
        await self._pay()
        await self._until(_previews_of(round_of_first=0))
        await self._say(REVISION)
        await self._until(_previews_of(round_of_first=1))
        await self._say(f"可以了,发到 {ADDRESS}")
        order = await self._until(_everybody_knows_of_the_end)
        return await self._prove(order)

    async def _start(self) -> None:
        files, pictures = wiring.files(self.settings), []
        for number, (name, wish) in enumerate(WISHES.items(), 1):
            photo = PHOTOS / name
            key = f"uploads/{self.order_id}/{number}{photo.suffix}"
            await files.put(key, photo.read_bytes(), "application/octet-stream")
            pictures.append(RequestedPicture(image_key=key, note=wish))
            self.narrator.customer(f"[{name}] {wish}")
        request = OrderRequest(customer_id=self.customer, customer_name="王小姐", acc_id="demo", pictures=pictures)
        await orders.start(self.client, self.order_id, request)

    async def _pay(self) -> None:
        quote = (await orders.snapshot(self.client, self.order_id)).quote
        assert quote is not None
        self.narrator.customer(f"[付款 {quote.minimum} {quote.currency}]")
        payment = PaymentReceived(event_id="demo-payment", payment_id=f"demo-{self.order_id}", amount=quote.minimum)
        await self._send("payment_received", payment)

    async def _say(self, text: str) -> None:
        self.narrator.customer(text)
        await self._send("customer_message", CustomerMessage(event_id=f"demo-{text}", text=text))

    async def _send(self, signal: str, event: Event) -> None:
        await orders.send(self.client, self.order_id, signal, event)

    async def _until(self, reached: Reached) -> Order:
        """Tell what happens until the order has come so far. Raises TimeoutError, or StackError with the reason."""
        async with asyncio.timeout(self.patience):
            while True:
                order = await orders.snapshot(self.client, self.order_id)
                await self.narrator.tell(order)
                if reached(order):
                    await self.narrator.tell(order)
                    return order
                if order.status is Status.FAILED:
                    raise StackError("; ".join(picture.error for picture in order.pictures if picture.error))
                await asyncio.sleep(0.2)

    async def _prove(self, order: Order) -> bool:
        """Open the mailbox; return whether letters came that hold every finished picture, byte for byte."""
        folder = DATA / "demo" / self.order_id
        folder.mkdir(parents=True, exist_ok=True)
        async with httpx.AsyncClient(base_url=self.settings.simulators_url or "") as http:
            arrived = await letters_of(http, order, ADDRESS, folder)
        pairs = await keep_pictures(self.settings, order, folder)
        self.narrator.title("The end")
        link = f"{self.settings.temporal_ui_url}/namespaces/{self.settings.temporal_namespace}/workflows"
        self._line("The letter", f"arrived with {len(arrived)} of {len(order.live)} pictures")
        for path in [*arrived, *pairs]:
            self._line("Before | after" if path in pairs else "From the letter", str(path))
        self._line("The same story", f"{link}/{ids.workflow_id(self.order_id)}")
        self._line("Conversation", f"{self.settings.simulators_url}/bot/conversations/{self.customer}")
        self._line("Mailbox", f"{self.settings.simulators_url}/mailbox/addresses/{ADDRESS}")
        self._line("Staff messages", f"{self.settings.simulators_url}/wecom/")
        self.console.print("`make up` brings all of it back, on the same addresses.")
        return len(arrived) == len(order.live)

    def _line(self, what: str, where: str) -> None:
        self.console.print(f"{what + ':':<16} {where}", markup=False, soft_wrap=True)


def _everybody_knows_of_the_end(order: Order) -> bool:
    return order.status is Status.COMPLETED and not order.has_news and not order.notices


def _previews_of(round_of_first: int) -> Reached:
    def reached(order: Order) -> bool:
        return order.status is Status.AWAITING_CONFIRM and order.live[0].round == round_of_first and not order.has_news

    return reached
