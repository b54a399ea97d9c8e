import dataclasses

import pytest
from temporalio.testing import ActivityEnvironment

from activities.production import Production
from domain.errors import ModelAnswerUnusable, ModelRefused, ModelUnavailable, PictureUnreadable
from domain.pictures import Operation, TargetSize
from domain.ports import Deliverable, EncodedImage, Wish
from domain.work import Produced, ProduceInput
from tests.fakes import PNG, FakeFiles, FakeImaging, FakeModel, FakeRecords
from tests.unit.domain.making import stored

FOLDER = "task-history/c1/TASK_20261122_7K3F9Q_1"
REQUEST = ProduceInput(
    task_id="TASK_20261122_7K3F9Q_1",
    folder=FOLDER,
    attempt=1,
    original=stored(f"{FOLDER}/original.png"),
    operation=Operation.ENHANCE,
    prompt="sharper",
    aspect_ratio="4:3",
)
FIRST_CALL, SECOND_CALL = "TASK_20261122_7K3F9Q_1-A1.1", "TASK_20261122_7K3F9Q_1-A1.2"


class Workshop:
    """Production on fakes."""

    def __init__(self) -> None:
        self.files, self.model, self.imaging, self.records = FakeFiles(), FakeModel(), FakeImaging(), FakeRecords()
        self.files.stored[REQUEST.original.key] = EncodedImage(b"original", PNG)
        self.production = Production(self.files, self.model, self.imaging, self.records)

    async def produce(self, request: ProduceInput = REQUEST, try_number: int = 1) -> Produced:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, attempt=try_number)
        return await env.run(self.production.produce, request)


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


async def test_an_attempt_stores_the_raw_picture_the_file_and_the_preview(workshop: Workshop) -> None:
    made = await workshop.produce()
    assert set(workshop.files.stored) == {
        f"{FOLDER}/original.png",
        f"{FOLDER}/attempt-1.png",
        f"{FOLDER}/attempt-1-generated.png",
        f"{FOLDER}/attempt-1-preview.jpg",
    }
    assert workshop.files.stored[made.file.key].data == b"finished picture 1"
    assert (made.call_id, made.provider, made.view_key) == (FIRST_CALL, "fake", made.file.key)


async def test_a_call_is_on_record_before_and_after(workshop: Workshop) -> None:
    made = await workshop.produce(REQUEST.model_copy(update={"size": TargetSize(width=100, height=50)}))
    assert workshop.records.calls[FIRST_CALL].size == "100x50"
    assert workshop.records.calls[FIRST_CALL].prompt == "sharper"
    assert workshop.records.states == {FIRST_CALL: "completed"}
    assert workshop.records.results == {FIRST_CALL: made.file}


async def test_a_raw_picture_that_is_stored_is_never_paid_again(workshop: Workshop) -> None:
    first = await workshop.produce()
    again = await workshop.produce(try_number=2)
    assert len(workshop.model.wishes) == 1
    assert again == first
    assert workshop.records.states == {FIRST_CALL: "completed"}


async def test_a_crash_after_storing_the_raw_picture_leaves_its_call_recovered(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(workshop.records, "close_call", crash)
        with pytest.raises(ConnectionError):
            await workshop.produce()
    assert workshop.records.states == {FIRST_CALL: "processing"}
    made = await workshop.produce(try_number=2)
    assert (made.call_id, len(workshop.model.wishes)) == (FIRST_CALL, 1)
    assert workshop.records.states == {FIRST_CALL: "completed"}


async def test_a_call_that_was_cut_off_is_marked_and_made_anew(workshop: Workshop) -> None:
    workshop.model.failures = [ConnectionError("the worker died")]
    with pytest.raises(ConnectionError):
        await workshop.produce()
    made = await workshop.produce(try_number=2)
    assert made.call_id == SECOND_CALL
    assert workshop.records.states == {FIRST_CALL: "interrupted", SECOND_CALL: "completed"}


@pytest.mark.parametrize("error", [ModelRefused("no"), ModelUnavailable("busy"), ModelAnswerUnusable("no picture")])
async def test_a_failed_call_is_closed_and_said(workshop: Workshop, error: Exception) -> None:
    workshop.model.failures = [error]
    with pytest.raises(type(error)):
        await workshop.produce()
    assert workshop.records.states == {FIRST_CALL: "failed"}
    assert f"{FOLDER}/attempt-1.png" not in workshop.files.stored


async def test_another_attempt_is_another_call_with_its_own_files(workshop: Workshop) -> None:
    await workshop.produce(REQUEST.model_copy(update={"attempt": 11}))
    made = await workshop.produce()
    assert len(workshop.model.wishes) == 2
    assert made.file.key == f"{FOLDER}/attempt-1-generated.png"


async def test_a_broken_picture_of_the_model_is_an_unusable_answer(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> Deliverable:
        raise PictureUnreadable("cut off")

    monkeypatch.setattr(workshop.imaging, "finish", broken)
    with pytest.raises(ModelAnswerUnusable, match="cut off"):
        await workshop.produce()


async def test_a_file_that_is_no_picture_for_people_gets_a_view_beside_it(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def layers(_: EncodedImage, raw: EncodedImage, __: Wish) -> Deliverable:
        return Deliverable(EncodedImage(b"8BPS", "image/vnd.adobe.photoshop"), raw, "psd")

    monkeypatch.setattr(workshop.imaging, "finish", layers)
    made = await workshop.produce()
    assert made.file.key.endswith("/attempt-1-generated.psd")
    assert made.view_key.endswith("/attempt-1-view.png")
