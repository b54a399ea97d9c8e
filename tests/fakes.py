"""Hand-written stand-ins for the ports, in memory, that remember what they were asked."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.phrases import Phrasebook
from config import ROOT
from domain.customers import Profile
from domain.errors import OutsideUnavailable
from domain.order import Order
from domain.pictures import Analysis, Complexity, Look, ModelCall, StoredPicture
from domain.ports import (
    CallRecord,
    Deliverable,
    EncodedImage,
    FileCheck,
    Generation,
    Letter,
    MadeBy,
    PictureFacts,
    Recipient,
    Wish,
)
from domain.work import LateEvent

PNG = "image/png"


class FakeFiles:
    def __init__(self) -> None:
        self.stored: dict[str, EncodedImage] = {}

    async def put(self, key: str, data: bytes, content_type: str, filename: str | None = None) -> str:
        self.stored[key] = EncodedImage(data, content_type)
        return hashlib.sha256(data).hexdigest()

    async def get(self, key: str) -> EncodedImage:
        return self.stored[key]

    async def find(self, prefix: str) -> str | None:
        return next((key for key in sorted(self.stored) if key.startswith(prefix)), None)

    def link(self, key: str, filename: str) -> str:
        return f"https://darkroom.example/d/{key}"


class FakeWeb:
    def __init__(self) -> None:
        self.failure: Exception | None = None

    async def fetch(self, url: str) -> EncodedImage:
        if self.failure:
            raise self.failure
        return EncodedImage(b"picture from " + url.encode(), PNG)


class FakeImaging:
    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.issue = ""

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        if self.failure:
            raise self.failure
        return PictureFacts(PNG, 64, 48)

    async def finish(self, original: EncodedImage, raw: EncodedImage, wish: Wish) -> Deliverable:
        file = EncodedImage(b"finished " + raw.data, PNG)
        return Deliverable(file, file, "png")

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        return FileCheck(self.issue, {"width": 64})

    async def preview(self, view: EncodedImage) -> EncodedImage:
        return EncodedImage(b"preview of " + view.data, "image/jpeg")


class FakeModel:
    provider, model = "fake", "fake-image-1"

    def __init__(self) -> None:
        self.wishes: list[Wish] = []
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        self.wishes.append(wish)
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        made = f"picture {len(self.wishes)}".encode()
        return Generation(EncodedImage(made, PNG), ModelCall(provider=self.provider, model=self.model))


class FakeVision:
    provider = "fake"

    def __init__(self) -> None:
        self.analysis = Analysis(complexity=Complexity.NORMAL, prompt="a portrait")
        self.scores: list[int] = []
        self.asked = 0
        self.gate: asyncio.Event | None = None
        self.failure: Exception | None = None

    async def analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall]:
        if self.failure:
            raise self.failure
        return self.analysis, ModelCall(provider=self.provider, model="fake-vision-1")

    async def score(self, original: EncodedImage, result: EncodedImage, wish: Wish) -> tuple[Look, ModelCall]:
        self.asked += 1
        if self.gate:
            await self.gate.wait()
        score = self.scores.pop(0) if self.scores else 90
        issue = "" if score >= 70 else f"only {score} good"
        return Look(score=score, issue=issue), ModelCall(provider=self.provider, model="fake-vision-1")


class FakeRecords:
    def __init__(self) -> None:
        self.saved: list[Order] = []
        self.known: dict[tuple[str, str], Profile] = {}
        self.late: list[tuple[str, LateEvent]] = []  # each with its id
        self.calls: dict[str, CallRecord] = {}
        self.states: dict[str, str] = {}
        self.results: dict[str, StoredPicture] = {}
        self.checks: dict[str, int] = {}
        self.failures: list[Exception] = []

    async def save(self, order: Order) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.saved.append(order.model_copy(deep=True))

    async def known_customer(self, acc_id: str, customer_id: str) -> Profile | None:
        return self.known.get((acc_id, customer_id))

    async def keep_late_event(self, event: LateEvent, event_id: str, at: datetime) -> bool:
        kept = {(late.order_id, late.signal, other) for other, late in self.late}
        if (event.order_id, event.signal, event_id) not in kept:
            self.late.append((event_id, event))
        return any(order.order_id == event.order_id for order in self.saved)

    async def open_call(self, record: CallRecord) -> None:
        for call_id, other in self.calls.items():
            same = (other.task_id, other.attempt) == (record.task_id, record.attempt)
            if same and self.states[call_id] == "processing":
                self.states[call_id] = "interrupted"
        self.calls[record.call_id] = record
        self.states[record.call_id] = "processing"

    async def recover_call(self, task_id: str, attempt: int) -> MadeBy:
        call = [c for c in self.calls.values() if (c.task_id, c.attempt) == (task_id, attempt)][-1]
        self.states[call.call_id] = "completed"
        return MadeBy(call.call_id, call.provider, call.model)

    async def close_call(self, call_id: str, call: ModelCall, parameters: Mapping[str, str]) -> None:
        self.states[call_id] = "completed"

    async def fail_call(self, call_id: str, error: str, finish_reason: str | None, possibly_billed: bool) -> None:
        self.states[call_id] = "failed"

    async def save_result(self, call_id: str, result: StoredPicture, model: str) -> None:
        self.results[call_id] = result

    async def save_check(self, call_id: str, score: int, facts: Mapping[str, Any]) -> None:
        self.checks[call_id] = score


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

    async def send(self, letter: Letter) -> None:
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
