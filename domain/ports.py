"""What Darkroom needs of the outside, as Protocols; adapters implement them, tests fake them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from domain.attempts.work import LateEvent
from domain.order.order import Order
from domain.story.customers import Profile
from domain.texts.phrase import Said
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Look, ModelCall, Operation, TargetSize
from domain.vocabulary.recipient import Recipient


@dataclass(frozen=True)
class EncodedImage:
    """A picture as a file in memory."""

    data: bytes
    content_type: str  # image/png, image/jpeg, image/webp, image/svg+xml, image/vnd.adobe.photoshop


@dataclass(frozen=True)
class PictureFacts:
    """What decoding a file proved: its true type, its size in pixels, upright (EXIF rotation applied), its likeness."""

    content_type: str
    width: int
    height: int
    likeness: str = ""  # the perceptual hash, 64 bits in hex


@dataclass(frozen=True)
class Wish:
    """What the customer wants of one picture, as a model and a check must know it."""

    operation: Operation
    prompt: str  # the whole prompt: analysis, requirements, 【客户修改要求】, what the last check found
    size: TargetSize | None = None


@dataclass(frozen=True)
class InputLimits:
    """What a model takes of a picture; of one that is larger, or longer and narrower, it is sent a copy that fits."""

    most_bytes: int | None = None
    most_pixels: int | None = None
    widest: float | None = None  # times that the long side may be as long as the short one

    def allow(self, picture: EncodedImage, width: int = 0, height: int = 0) -> bool:
        """Whether a picture can be sent as it is; without its size only its bytes are looked at."""
        return (
            (self.most_bytes is None or len(picture.data) <= self.most_bytes)
            and (self.most_pixels is None or width * height <= self.most_pixels)
            and not self.is_too_narrow(width, height)
        )

    def is_too_narrow(self, width: int, height: int, times: float = 1) -> bool:
        """Whether the long side of a picture is longer than is taken, or so many times longer."""
        return self.widest is not None and max(width, height) > times * self.widest * min(width, height)


@dataclass(frozen=True)
class Generation:
    """What an image model made, one picture or several, what the call was, and what is known of it only afterwards."""

    images: tuple[EncodedImage, ...]
    call: ModelCall
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deliverable:
    """The real file an operation owes, and a picture of it for people (the file itself where it is one)."""

    file: EncodedImage
    view: EncodedImage
    extension: str  # jpg, png, psd, svg


@dataclass(frozen=True)
class FileCheck:
    """What was measured on the deliverable itself; `issue` is empty when it is what the operation owes.

    `outcome` says what kind of issue it is.
    """

    issue: Said
    facts: Mapping[str, Any]
    outcome: Outcome = Outcome.WRONG_FILE


class ImageModel(Protocol):
    """Makes a picture from a picture and words: Gemini, Seedream, or the packaged local networks."""

    provider: str
    model: str

    @property
    def takes(self) -> InputLimits:
        """Which pictures it can be sent."""

    def parameters(self, wish: Wish, aspect_ratio: str) -> Mapping[str, str]:
        """Return what a call is made with besides picture and prompt; on record before it is made."""

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Return the model's raw pictures, one or several. Raises ModelError, each with its outcome."""


class Vision(Protocol):
    """Looks at pictures: a first analysis, and a score of a result."""

    provider: str
    vision_model: str

    @property
    def takes(self) -> InputLimits:
        """Which pictures it can be sent."""

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        """Say what the picture is and what it needs. Raises ModelError."""

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        """Compare a result with what was asked for. Raises ModelError."""


class Imaging(Protocol):
    """Work on the pictures themselves, out of the worker's process."""

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        """Decode a picture wholly to prove it; one of `ours` may be larger than an upload. Raises PictureUnreadable."""

    async def finish(self, original: EncodedImage, raw: EncodedImage, wish: Wish) -> Deliverable:
        """Turn a model's raw picture into what the operation owes. Raises PictureUnreadable."""

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        """Measure the deliverable itself. Raises PictureUnreadable."""

    async def reduced(self, picture: EncodedImage, takes: InputLimits, aspect_ratio: str = "") -> EncodedImage:
        """Make a copy that a model takes, with edges to this ratio where it is too narrow. Raises PictureUnreadable."""

    async def preview(self, view: EncodedImage) -> EncodedImage:
        """Make the small, lightly watermarked JPEG that is shown before acceptance."""

    async def thumbnail(self, picture: EncodedImage) -> EncodedImage:
        """Make a small JPEG, without a watermark. Raises PictureUnreadable."""

    async def clean(self, picture: EncodedImage) -> EncodedImage:
        """Make the copy that strangers may see: a JPEG without any metadata. Raises PictureUnreadable."""


class Files(Protocol):
    """Object storage."""

    async def put(self, key: str, data: bytes, content_type: str, filename: str | None = None) -> str:
        """Store the bytes and return their SHA-256 in hex; the same key again replaces them."""

    async def get(self, key: str) -> EncodedImage:
        """Read a file. Raises KeyError where there is none."""

    async def find(self, prefix: str) -> str | None:
        """Return the first key that begins with the prefix, or None."""

    async def delete(self, key: str) -> None:
        """Remove a file; one that is gone already stays gone."""

    def link(self, key: str, filename: str) -> str:
        """Return a link of ours that signs afresh when opened, so that it outlives any presigned one."""


class Web(Protocol):
    """Fetches customers' pictures by their addresses."""

    async def fetch(self, url: str) -> EncodedImage:
        """Download a picture. Raises PictureUnreachable, or OutsideUnavailable when it may come later."""


class Records(Protocol):
    """The tables of the shop."""

    async def save(self, order: Order) -> None:
        """Write the projection of an order, whole; an older version never overwrites a newer one."""

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return what is remembered of a customer of a shop."""

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Keep an event of an order that has closed, once, with its money; return whether the order is known."""


class Chat(Protocol):
    """The chat bot, which passes our messages on. The id of a message stays the same over retries."""

    async def send_text(self, message_id: str, to: Recipient, text: str) -> None:
        """Say this to the customer. Raises OutsideUnavailable, OutsideRefused."""

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:
        """Show this picture to the customer. Raises OutsideUnavailable, OutsideRefused."""

    async def hint(self, message_id: str, to: Recipient, system_hint: str, fallback_text: str) -> None:
        """Ask the bot to word a message itself. Raises OutsideUnavailable, OutsideRefused."""


class Staff(Protocol):
    """The group chat of the shop's staff."""

    async def tell(self, markdown: str) -> None:
        """Say this to staff, shortened where it is too long. Raises OutsideUnavailable, OutsideRefused."""


class Phrases(Protocol):
    """Every text that a customer or staff member sees, by its key."""

    def text(self, key: str, **values: object) -> str:
        """Render a phrase. Raises OutsideUnavailable where the catalogue lacks it: staff mend it, then it is said."""


@dataclass(frozen=True)
class Attachment:
    """A file in a letter."""

    filename: str
    data: bytes
    content_type: str


@dataclass(frozen=True)
class Letter:
    """An e-mail to a customer; the same `message_id` names the same letter over retries."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[Attachment, ...] = ()  # pictures that the HTML shows, by their filenames as `cid:`


class Mail(Protocol):
    """The way out for letters."""

    async def send(self, letter: Letter) -> None:
        """Hand the letter to the mail server.

        Raises AddressRefused, LetterTooLarge where it would go without its attachments, OutsideUnavailable,
        OutsideRefused.
        """


class Upload(Protocol):
    """Puts a photograph from this machine into storage, for an order; `name` tells it from the order's others."""

    async def __call__(self, path: Path, order_id: str, name: str) -> str:
        """Return the key under which it lies. Raises PictureUnreadable."""
