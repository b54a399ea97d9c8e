"""The ports to external systems, as Protocols: adapters implement them, tests use fakes."""

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
from domain.vocabulary.pictures import Advice, Analysis, Look, ModelCall, Operation, TargetSize
from domain.vocabulary.provenance import Provenance
from domain.vocabulary.recipient import Recipient

BROKEN_SCORE = 20  # of 100: the file is not what its operation must deliver, however good it looks


@dataclass(frozen=True)
class EncodedImage:
    """An image file in memory."""

    data: bytes
    content_type: str  # image/png, image/jpeg, image/webp, image/svg+xml, image/vnd.adobe.photoshop; or as it was sent


@dataclass(frozen=True)
class PictureFacts:
    """Facts from decoding an image: true type, size in pixels after EXIF rotation, and perceptual hash."""

    content_type: str
    width: int
    height: int
    likeness: str = ""  # the perceptual hash, 64 bits in hex
    more: str = ""  # what else the file shows, of which nothing is used: frames (of an animation), pages


@dataclass(frozen=True)
class Wish:
    """What the customer wants for one picture, as models and checks need it."""

    operation: Operation
    prompt: str  # the whole prompt: analysis, requirements, 【客户修改要求】, what the last check found
    size: TargetSize | None = None


@dataclass(frozen=True)
class InputLimits:
    """A model's limits for input images. Larger or narrower images are sent as a copy that fits."""

    most_bytes: int | None = None
    most_pixels: int | None = None
    widest: float | None = None  # the highest ratio of the long side to the short one

    def allow(self, picture: EncodedImage, width: int = 0, height: int = 0) -> bool:
        """Whether an image can be sent unchanged; without a size, only its bytes are checked."""
        return (
            (self.most_bytes is None or len(picture.data) <= self.most_bytes)
            and (self.most_pixels is None or width * height <= self.most_pixels)
            and not self.is_too_narrow(width, height)
        )

    def is_too_narrow(self, width: int, height: int, times: float = 1) -> bool:
        """Whether the ratio of the sides exceeds the limit, or `times` the limit."""
        return self.widest is not None and max(width, height) > times * self.widest * min(width, height)


@dataclass(frozen=True)
class Generation:
    """The images that a model made, the call, and parameters known only afterwards."""

    images: tuple[EncodedImage, ...]
    call: ModelCall
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deliverable:
    """The file that an operation has to deliver, and an image of it to view (the file itself if it is one)."""

    file: EncodedImage
    view: EncodedImage
    extension: str  # jpg, png, psd, svg


@dataclass(frozen=True)
class Previews:
    """The smaller sizes of a picture, made once: for the web, and a thumbnail. Both are JPEGs."""

    web: EncodedImage
    thumbnail: EncodedImage


@dataclass(frozen=True)
class FileCheck:
    """Measurements of the deliverable; `issue` is empty if it is what the operation has to deliver.

    `outcome` is the kind of issue; `score` and `next_step` are what a `Look` says.
    """

    issue: Said
    facts: Mapping[str, Any]
    outcome: Outcome = Outcome.WRONG_FILE
    score: int = BROKEN_SCORE
    next_step: Advice = "repair_prompt"


# Files in the folder of a finished file from elsewhere: it, and what `Imaging.accept` writes beside it.
HANDED_IN, VIEW, PREVIEW, THUMB, MARKED = "file", "view", "preview.jpg", "thumb.jpg", "marked"


@dataclass(frozen=True)
class HandedIn:
    """A finished file from elsewhere in a folder on disk, and what it has to be.

    Without a wish any picture is accepted. `original` names the original's file in the same folder.
    """

    wish: Wish | None = None
    original: str = ""
    shows_label: bool = True
    number: int = 0  # of the picture, if the order has several


@dataclass(frozen=True)
class AcceptedFile:
    """A finished file that was accepted: what it is, and what lies beside it now (see `Imaging.accept`)."""

    content_type: str
    extension: str
    width: int
    height: int
    likeness: str
    view_type: str = ""  # of the view; empty: the file is its own view
    is_labelled: bool = False  # a model took part
    is_marked: bool = False  # there is a copy that shows the AI label
    issue: Said = field(default_factory=Said)  # what people should look at


class ImageModel(Protocol):
    """Makes images from an image and a prompt: Gemini, Seedream, or the packaged local models."""

    provider: str
    model: str

    @property
    def takes(self) -> InputLimits:
        """Which pictures it can be sent."""

    def parameters(self, wish: Wish, aspect_ratio: str) -> Mapping[str, str]:
        """Return the other parameters of a call, which are recorded before it is made."""

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        """Return the model's raw images, one or several. Raises ModelError with the outcome."""


class Vision(Protocol):
    """A vision model: analyses originals and scores results."""

    provider: str
    vision_model: str

    @property
    def takes(self) -> InputLimits:
        """Which pictures it can be sent."""

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        """Return what the image shows and needs. Raises ModelError."""

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        """Score a result against the original and the wish. Raises ModelError."""


class Imaging(Protocol):
    """Image processing, outside the worker's process."""

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        """Decode an image completely; one of `ours` may be larger than an upload. Raises PictureUnreadable."""

    async def portable(self, picture: EncodedImage) -> EncodedImage:
        """Make a JPEG, PNG or WebP of an image of any accepted format. Raises PictureUnreadable."""

    async def finish(
        self, original: EncodedImage, raw: EncodedImage, wish: Wish, made_by: Provenance | None = None
    ) -> Deliverable:
        """Turn a model's raw image into the labelled deliverable of the operation. Raises PictureUnreadable."""

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        """Measure the deliverable. Raises PictureUnreadable."""

    async def reduced(self, picture: EncodedImage, takes: InputLimits, aspect_ratio: str = "") -> EncodedImage:
        """Make a copy within the limits, padded to the ratio if it is too narrow. Raises PictureUnreadable."""

    async def accept(self, folder: Path, offered: HandedIn, made_by: Provenance | None) -> AcceptedFile:
        """Check the finished file `file` in a folder. Raises PictureUnreadable, which says what is owed.

        Beside it come `view`, `preview.jpg`, `thumb.jpg` and perhaps `marked`. `made_by`: the model that took part.
        """

    async def with_visible_label(self, file: EncodedImage) -> EncodedImage:
        """Make a copy of a file, picture, PSD or SVG, that shows the AI label. Raises PictureUnreadable."""

    async def previews(self, view: EncodedImage, *, shows_label: bool = True, number: int = 0) -> Previews:
        """Make the lightly watermarked JPEG shown before acceptance, with the picture's number, and a thumbnail.

        They show the AI label if the view has one.
        """

    async def smaller(self, original: EncodedImage) -> Previews:
        """Make the smaller sizes of an original, without a watermark. Raises PictureUnreadable."""

    async def thumbnail(self, picture: EncodedImage) -> EncodedImage:
        """Make a small JPEG, without a watermark. Raises PictureUnreadable."""

    async def clean(self, picture: EncodedImage) -> EncodedImage:
        """Make a public copy: a JPEG without metadata. Raises PictureUnreadable."""


class Files(Protocol):
    """Object storage."""

    async def put(self, key: str, data: bytes, content_type: str, filename: str | None = None) -> str:
        """Store the bytes and return their SHA-256 in hex; an existing key is overwritten."""

    async def get(self, key: str) -> EncodedImage:
        """Return a file. Raises KeyError if there is none."""

    async def save(self, key: str, path: Path) -> None:
        """Write a file to disk, piece by piece. Raises KeyError if there is none."""

    async def put_file(self, key: str, path: Path, content_type: str) -> str:
        """Store a file that lies on disk, without reading it into memory, and return its SHA-256 in hex."""

    async def find(self, prefix: str) -> str | None:
        """Return the first key with this prefix, or None."""

    async def delete(self, key: str) -> None:
        """Delete a file. Idempotent."""

    def link(self, key: str, filename: str) -> str:
        """Return a link to the gateway, which presigns when opened, so that it outlives presigned URLs."""


class Web(Protocol):
    """Downloads customers' images from their URLs."""

    async def fetch(self, url: str) -> EncodedImage:
        """Download an image. Raises PictureUnreachable, or OutsideUnavailable if a retry may help."""

    async def save(self, url: str, path: Path) -> None:
        """Download a finished file to disk, piece by piece; it may be larger than an image. Raises the same."""


class Records(Protocol):
    """The shop's database."""

    async def save(self, order: Order) -> None:
        """Write the rows of an order; an older version never overwrites a newer one."""

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        """Return the profile of a shop's customer, or None."""

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        """Record an event for a closed order and its payment or refund, once; return whether the order is known."""


class Chat(Protocol):
    """The chat bot, which delivers our messages. The id of a message stays the same over retries."""

    async def send_text(self, message_id: str, to: Recipient, text: str) -> None:
        """Send a text to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:
        """Send an image to the customer. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""

    async def hint(self, message_id: str, to: Recipient, system_hint: str, fallback_text: str) -> None:
        """Ask the bot to word a message itself. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""


class Staff(Protocol):
    """The group chat of the shop's staff."""

    async def tell(self, markdown: str) -> None:
        """Send a message to staff, shortened if too long. Raises OutsideUnavailable, OutsideRefused, MessageRefused."""


class Phrases(Protocol):
    """The texts for customers and staff, by key."""

    def text(self, key: str, **values: object) -> str:
        """Render a phrase. Raises OutsideUnavailable if it is missing, so that it is retried until staff add it."""


@dataclass(frozen=True)
class Attachment:
    """A file attached to an e-mail."""

    filename: str
    data: bytes
    content_type: str


@dataclass(frozen=True)
class Letter:
    """An e-mail to a customer; `message_id` stays the same over retries."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[Attachment, ...] = ()  # images in the HTML, as `cid:` with their filenames


class Mail(Protocol):
    """Sends e-mails."""

    async def send(self, letter: Letter) -> None:
        """Hand the e-mail to the mail server.

        Raises AddressRefused, LetterTooLarge if it could go without attachments, OutsideUnavailable, OutsideRefused.
        """


class Upload(Protocol):
    """Uploads a photo from this machine for an order; `name` distinguishes it from the order's others.

    One that `is_finished` may be any file that an operation owes.
    """

    async def __call__(self, path: Path, order_id: str, name: str, *, is_finished: bool = False) -> str:
        """Return its storage key. Raises PictureUnreadable."""
