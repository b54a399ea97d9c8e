"""Hand-written stand-ins for the ports, in memory, that remember what they were asked."""

import asyncio
import hashlib
from decimal import Decimal
from pathlib import Path

from adapters.phrases import Phrasebook
from domain.library.photos import Hit, Search
from domain.ports import (
    AcceptedFile,
    Deliverable,
    EncodedImage,
    FileCheck,
    Generation,
    HandedIn,
    InputLimits,
    Letter,
    PictureFacts,
    Previews,
    Wish,
)
from domain.texts.phrase import written
from domain.vocabulary.errors import ModelRefused, OutsideUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Analysis, Complexity, Look, ModelCall
from domain.vocabulary.provenance import Provenance
from domain.vocabulary.recipient import Recipient
from domain.vocabulary.rules import ShopRules
from runtime.paths import ROOT

PNG = "image/png"
COST = Decimal("0.5")  # of a picture, in the shop's currency


class FakeFiles:
    def __init__(self) -> None:
        self.stored: dict[str, EncodedImage] = {}

    async def put(self, key: str, data: bytes, content_type: str, filename: str | None = None) -> str:
        self.stored[key] = EncodedImage(data, content_type)
        return hashlib.sha256(data).hexdigest()

    async def get(self, key: str) -> EncodedImage:
        return self.stored[key]

    async def save(self, key: str, path: Path) -> None:
        path.write_bytes(self.stored[key].data)  # noqa: ASYNC240 - tiny

    async def put_file(self, key: str, path: Path, content_type: str) -> str:
        return await self.put(key, path.read_bytes(), content_type)  # noqa: ASYNC240 - tiny

    async def find(self, prefix: str) -> str | None:
        return next((key for key in sorted(self.stored) if key.startswith(prefix)), None)

    async def delete(self, key: str) -> None:
        self.stored.pop(key, None)

    def link(self, key: str, filename: str) -> str:
        return f"https://darkroom.example/d/{key}"


class FakeWeb:
    def __init__(self) -> None:
        self.failure: Exception | None = None

    async def fetch(self, url: str) -> EncodedImage:
        if self.failure:
            raise self.failure
        return EncodedImage(b"picture from " + url.encode(), PNG)

    async def save(self, url: str, path: Path) -> None:
        path.write_bytes((await self.fetch(url)).data)  # noqa: ASYNC240 - tiny


class FakeImaging:
    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.issue, self.outcome = "", Outcome.WRONG_FILE
        self.label = b""
        self.content_type, self.more = PNG, ""
        self.offered = HandedIn()

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        if self.failure:
            raise self.failure
        return PictureFacts(self.content_type, 64, 48, hashlib.sha256(picture.data).hexdigest()[:16], self.more)

    async def finish(
        self, original: EncodedImage, raw: EncodedImage, wish: Wish, made_by: Provenance | None = None
    ) -> Deliverable:
        file = EncodedImage(b"finished " + raw.data, PNG)
        return Deliverable(file, file, "png")

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        return FileCheck(written(self.issue), {"width": 64}, self.outcome)

    async def portable(self, picture: EncodedImage) -> EncodedImage:
        return EncodedImage(b"portable " + picture.data, PNG)

    async def reduced(self, picture: EncodedImage, takes: InputLimits, aspect_ratio: str = "") -> EncodedImage:
        self.asked_ratio = aspect_ratio
        return EncodedImage(picture.data[: takes.most_bytes], "image/jpeg")

    async def accept(self, folder: Path, offered: HandedIn, made_by: Provenance | None) -> AcceptedFile:
        if self.failure:
            raise self.failure
        self.offered = offered
        data = (folder / "file").read_bytes()
        (folder / "preview.jpg").write_bytes(b"preview of " + data)
        (folder / "thumb.jpg").write_bytes(b"small " + data)
        likeness = hashlib.sha256(data).hexdigest()[:16]
        return AcceptedFile(PNG, "png", 64, 48, likeness, is_labelled=made_by is not None)

    async def with_visible_label(self, file: EncodedImage) -> EncodedImage:
        return EncodedImage(self.label + file.data, file.content_type)

    async def previews(self, view: EncodedImage, *, shows_label: bool = True, number: int = 0) -> Previews:
        self.number = number
        return Previews(
            EncodedImage(b"preview of " + view.data, "image/jpeg"), EncodedImage(b"small " + view.data, "image/jpeg")
        )

    async def smaller(self, original: EncodedImage) -> Previews:
        return await self.previews(original)

    async def thumbnail(self, picture: EncodedImage) -> EncodedImage:
        if self.failure:
            raise self.failure
        return EncodedImage(b"small " + picture.data, "image/jpeg")

    async def clean(self, picture: EncodedImage) -> EncodedImage:
        return EncodedImage(b"clean copy of " + picture.data, "image/jpeg")


class FakeModel:
    def __init__(self, provider: str = "fake", model: str = "fake-image-1") -> None:
        self.provider, self.model = provider, model
        self.takes = InputLimits()
        self.pictures = 1  # that one call makes
        self.sent: list[EncodedImage] = []
        self.wishes: list[Wish] = []
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None

    def parameters(self, wish: Wish, aspect_ratio: str) -> dict[str, str]:
        return {"aspect_ratio": aspect_ratio}

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        self.wishes.append(wish)
        self.sent.append(original)
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        made = f"picture {len(self.wishes)}".encode()
        more = [made + f", number {number}".encode() for number in range(2, self.pictures + 1)]
        call = ModelCall(provider=self.provider, model=self.model, pictures=self.pictures, cost=COST, currency="CNY")
        return Generation(tuple(EncodedImage(data, PNG) for data in (made, *more)), call)


class FakeVision:
    provider, vision_model = "fake", "fake-vision-1"
    takes = InputLimits()

    def __init__(self) -> None:
        self.analysis = Analysis(complexity=Complexity.NORMAL, prompt="a portrait")
        self.seen: list[EncodedImage] = []
        self.scores: list[int] = []
        self.advices: list[str] = []
        self.asked = 0
        self.gate: asyncio.Event | None = None
        self.failure: Exception | None = None

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        if self.failure:
            raise self.failure
        self.seen.append(picture)
        return self.analysis, ModelCall(provider=self.provider, model="fake-vision-1")

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        self.asked += 1
        self.seen += [original, result]
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        if self.scores and self.scores[0] < 0:  # this one cannot be scored
            self.scores.pop(0)
            raise ModelRefused("not this one")
        score = self.scores.pop(0) if self.scores else 90
        issue = "" if score >= 70 else f"only {score} good"
        advice = self.advices.pop(0) if self.advices else "repair_prompt"
        look = Look.model_validate({"score": score, "issue": issue, "next_step": advice})
        return look, ModelCall(provider=self.provider, model=self.vision_model)


class FakeLibrary:
    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.searches: list[Search] = []
        self.failures: list[Exception] = []

    async def find(self, search: Search) -> list[Hit]:
        if self.failures:
            raise self.failures.pop(0)
        self.searches.append(search)
        return self.hits[: search.limit]


class FakeChat:
    def __init__(self) -> None:
        self.sent: dict[str, str] = {}
        self.failures: list[Exception] = []
        self.fails_after: int | None = None  # messages

    async def send_text(self, message_id: str, to: Recipient, text: str) -> None:
        self._keep(message_id, text)

    async def send_image(self, message_id: str, to: Recipient, url: str) -> None:
        self._keep(message_id, f"[{url}]")

    async def hint(self, message_id: str, to: Recipient, system_hint: str, fallback_text: str) -> None:
        self._keep(message_id, system_hint)

    @property
    def said(self) -> list[str]:
        return list(self.sent.values())

    def _keep(self, message_id: str, content: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise OutsideUnavailable("away")
        self.sent.setdefault(message_id, content)


class FakeMail:
    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self.begun = 0

    async def send(self, letter: Letter) -> None:
        self.begun += 1
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.letters.append(letter)


class FakeStaff:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.failures: list[Exception] = []

    async def tell(self, markdown: str) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(markdown)


class DefaultPhrases(Phrasebook):
    """The shop's own phrases."""

    def __init__(self) -> None:
        super().__init__(ROOT / "phrases.toml")


class FakeSettings:
    """The shop's settings, which a test changes while orders run."""

    def __init__(self) -> None:
        self.current, self.is_on = ShopRules(), True

    async def rules(self) -> ShopRules:
        return self.current

    async def is_switched_on(self) -> bool:
        return self.is_on
