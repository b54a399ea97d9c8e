"""Fakes in place of the outside systems, plugged in where the worker builds its adapters.

Everything else is the product's own: settings, queues, limits, activities, rows in Postgres.
"""

import asyncio
import io
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from PIL import Image, ImageEnhance

import worker
from domain.order.lineup import Lineup, Offer
from domain.ports import EncodedImage, Generation, Wish
from domain.vocabulary.recipient import Recipient
from runtime import providers, wiring
from runtime.paths import ROOT
from runtime.providers import Models
from tests import fakes

NO_LIMIT = 1000.0  # messages to staff a second: every order is to pay for its notice
PHOTO = ROOT / "demo" / "photos" / "coffee.jpg"
CONTRAST = 1.15
TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}  # by the first bytes


class TimedChat(fakes.FakeChat):
    """Remembers when each customer first saw an image, on the clock that all processes share."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[str, float] = {}

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:  # noqa: ARG002 - the port's
        """Note the time."""
        self.shown.setdefault(to.customer_id, time.monotonic())


class SlowModel(fakes.FakeModel):
    """Takes its time, without using the CPU."""

    def __init__(self, seconds: float, picture: bytes = b"") -> None:
        super().__init__()
        self.seconds, self.picture = seconds, picture

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Wait, then return the picture; without one, a few bytes that only the fake imaging accepts."""
        await asyncio.sleep(self.seconds)
        made = await super().generate(original, wish, aspect_ratio)
        return Generation((as_image(self.picture),), made.call) if self.picture else made


class OnePhoto(fakes.FakeWeb):
    """Serves the same photo at every address."""

    def __init__(self, photo: bytes) -> None:
        super().__init__()
        self.photo = photo

    async def fetch(self, url: str) -> EncodedImage:  # noqa: ARG002 - the port's
        """Return the photo."""
        return as_image(self.photo)


def as_image(data: bytes) -> EncodedImage:
    """Return a JPEG or PNG file with its content type."""
    return EncodedImage(data, TYPES[data[:2]])


@contextmanager
def outside(chat: TimedChat, model_seconds: float = 0.0) -> Iterator[None]:
    """Replace models, chat, mail, staff chat, storage, imaging and customers' websites."""
    with faked(chat, SlowModel(model_seconds), fakes.FakeWeb()), ExitStack() as stack:
        files, imaging = fakes.FakeFiles(), fakes.FakeImaging()
        stack.enter_context(patch.object(wiring, "files", lambda _settings: files))
        stack.enter_context(patch.object(wiring, "studio", lambda *_: imaging))
        yield


@contextmanager
def providers_only(chat: TimedChat, megapixels: float = 1.0, kind: str = "JPEG") -> Iterator[None]:
    """Replace all but storage and imaging. The model returns a real picture at once."""
    original, retouched = photo(megapixels), retouched_photo(megapixels)
    with faked(chat, SlowModel(0, encoded(retouched)), OnePhoto(encoded(original, kind))):
        yield


@contextmanager
def faked(chat: TimedChat, model: SlowModel, web: fakes.FakeWeb) -> Iterator[None]:
    """Replace the models, the websites and all ways to tell people something."""
    mail, staff, vision = fakes.FakeMail(), fakes.FakeStaff(), fakes.FakeVision()
    offer = Offer(provider=model.provider, model=model.model, cost=fakes.COST)

    async def build(*_: object) -> Models:
        return Models([model], vision)

    with (
        patch.multiple(
            wiring,
            web=lambda _settings: web,
            chat=lambda *_: chat,
            mail=lambda _settings: mail,
            staff=lambda *_: staff,
            dispatch=lambda *_: None,
        ),
        patch.multiple(providers, build=build, lineup=lambda _settings: Lineup(offers=[offer])),
        patch.object(worker, "STAFF_MESSAGES_A_SECOND", NO_LIMIT),
    ):
        yield


def photo(megapixels: float) -> Image.Image:
    """Return a photo of at most this size."""
    with Image.open(PHOTO) as found:
        factor = (megapixels * 1_000_000 / (found.width * found.height)) ** 0.5
        return found.convert("RGB").resize((int(found.width * factor), int(found.height * factor)))


def retouched_photo(megapixels: float) -> Image.Image:
    """Return the photo with a visible change, which the checks of a result expect."""
    return ImageEnhance.Contrast(photo(megapixels)).enhance(CONTRAST)


def encoded(picture: Image.Image, kind: str = "JPEG", quality: int = 92) -> bytes:
    """Return a picture as a JPEG, or as a PNG without compression."""
    data = io.BytesIO()
    options = {"quality": quality} if kind == "JPEG" else {"compress_level": 0}
    picture.save(data, kind, **options)
    return data.getvalue()
