import dataclasses

import pytest
from temporalio.testing import ActivityEnvironment

from activities.call_recorder import CallRecorder
from activities.fetching import TRIES
from activities.intake import Intake
from domain.attempts.work import Examined, ExamineInput
from domain.order.lineup import Lineup
from domain.ports import EncodedImage, InputLimits
from domain.vocabulary.costs import Costs
from domain.vocabulary.errors import (
    ModelRefused,
    ModelUnavailable,
    OutsideUnavailable,
    PictureUnreachable,
    PictureUnreadable,
)
from domain.vocabulary.pictures import Analysis, Complexity, RiskLevel
from tests.fake_records import FakeRecords
from tests.fakes import PNG, FakeFiles, FakeImaging, FakeSettings, FakeVision, FakeWeb
from tests.unit.domain.making import en

FOLDER = "task-history/c1/TASK_20261122_7K3F9Q_1"


class Counter:
    """Intake on fakes."""

    def __init__(self) -> None:
        self.files, self.web, self.imaging, self.vision = FakeFiles(), FakeWeb(), FakeImaging(), FakeVision()
        self.records = FakeRecords()
        recorder, lineup = CallRecorder(self.records, Costs()), Lineup()
        self.intake = Intake(
            self.files, self.web, self.imaging, self.vision, self.records, recorder, FakeSettings(), lineup
        )

    async def examine(
        self,
        *,
        url: str | None = None,
        key: str | None = None,
        analysis: Analysis | None = None,
        try_number: int = 1,
    ) -> Examined:
        request = ExamineInput(
            task_id="TASK_20261122_7K3F9Q_1",
            folder=FOLDER,
            image_url=url,
            image_key=key,
            words="清晰",
            analysis=analysis,
        )
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, attempt=try_number)
        return await env.run(self.intake.examine, request)


@pytest.fixture
def counter() -> Counter:
    return Counter()


async def test_a_picture_is_fetched_stored_and_looked_at(counter: Counter) -> None:
    found = await counter.examine(url="https://shop.example/1")
    assert found.original.key == f"{FOLDER}/original.png"
    sizes = {f"{FOLDER}/original.png", f"{FOLDER}/original-web.jpg", f"{FOLDER}/original-thumb.jpg"}
    assert sizes <= set(counter.files.stored)
    assert (found.original.width, found.original.height) == (64, 48)
    assert counter.files.stored[found.original.key].data == b"picture from https://shop.example/1"
    assert (found.analysis, found.call.provider) == (counter.vision.analysis, "fake")


async def test_an_upload_is_taken_by_its_key(counter: Counter) -> None:
    counter.files.stored["uploads/1"] = EncodedImage(b"uploaded", PNG)
    found = await counter.examine(key="uploads/1")
    assert counter.files.stored[found.original.key].data == b"uploaded"


async def test_a_second_try_does_not_fetch_again(counter: Counter) -> None:
    first = await counter.examine(url="https://shop.example/1")
    counter.web.failure = PictureUnreachable("gone")
    assert await counter.examine(url="https://shop.example/1") == first


async def test_a_format_that_others_cannot_open_is_converted_and_kept_as_sent(counter: Counter) -> None:
    counter.imaging.content_type, counter.imaging.more = "image/heic", "frames"
    for _ in range(2):  # a second try comes to the same
        found = await counter.examine(url="https://shop.example/1")
        assert (found.original.key, found.original.content_type, found.more) == (
            f"{FOLDER}/original.png",
            PNG,
            "frames",
        )
        assert counter.files.stored[found.original.key].data == b"portable picture from https://shop.example/1"
        assert counter.files.stored[f"{FOLDER}/sent.heic"].data == b"picture from https://shop.example/1"
        counter.web.failure = PictureUnreachable("gone")


async def test_the_bots_analysis_saves_a_call(counter: Counter) -> None:
    analysis = Analysis(complexity=Complexity.HARD)
    counter.vision.failure = AssertionError("asked all the same")
    found = await counter.examine(url="https://shop.example/1", analysis=analysis)
    assert (found.analysis, found.call) == (analysis, None)


async def test_an_unreadable_picture_is_answered_not_raised(counter: Counter) -> None:
    counter.imaging.failure = PictureUnreadable("zero bytes")
    found = await counter.examine(url="https://shop.example/1")
    assert (found.refused.phrase, found.original) == ("picture.damaged", None)
    assert counter.files.stored == {}


async def test_an_unreachable_address_is_answered_not_raised(counter: Counter) -> None:
    counter.web.failure = PictureUnreachable("a private address")
    assert (await counter.examine(url="http://10.0.0.1/")).refused.phrase == "error.picture_unreachable"


@pytest.mark.parametrize("key", [None, "uploads/none"])
async def test_a_picture_that_is_nowhere_is_answered_not_raised(counter: Counter, key: str | None) -> None:
    assert (await counter.examine(key=key)).refused


async def test_a_site_that_is_away_is_tried_again(counter: Counter) -> None:
    counter.web.failure = OutsideUnavailable("503")
    with pytest.raises(OutsideUnavailable):
        await counter.examine(url="https://shop.example/1")


@pytest.mark.parametrize(("tries", "is_final"), [(TRIES - 1, False), (TRIES, True)])
async def test_a_site_that_stays_away_is_left_to_people(counter: Counter, tries: int, is_final: bool) -> None:
    counter.web.failure = OutsideUnavailable("503")
    with pytest.raises(OutsideUnavailable) as raised:
        await counter.examine(url="https://shop.example/1", try_number=tries)
    assert raised.value.permanent is is_final


async def test_a_picture_that_the_model_will_not_look_at_is_a_risk_for_staff(counter: Counter) -> None:
    counter.vision.failure = ModelRefused("SAFETY")
    found = await counter.examine(url="https://shop.example/1")
    assert found.analysis.risk.level is RiskLevel.LOW
    assert en(found.unseen) == "not analysed (the model refused the image or the request (safety))"
    assert found.analysis.complexity is Complexity.UNKNOWN


async def test_a_model_that_is_away_is_asked_again(counter: Counter) -> None:
    counter.vision.failure = ModelUnavailable("503")
    with pytest.raises(ModelUnavailable):
        await counter.examine(url="https://shop.example/1")


async def test_a_first_look_is_sent_no_more_than_the_model_takes(counter: Counter) -> None:
    counter.vision.takes = InputLimits(most_bytes=7)
    await counter.examine(url="https://shop.example/1")
    assert [seen.data for seen in counter.vision.seen] == [b"picture"]
