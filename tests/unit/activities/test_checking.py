import pytest
from temporalio.testing import ActivityEnvironment

from activities.call_recorder import CallRecorder
from activities.checking import Checking
from domain.attempts.work import Candidate, Checked, CheckInput, Trouble
from domain.ports import BROKEN_SCORE, EncodedImage, FileCheck, InputLimits
from domain.texts.phrase import written
from domain.vocabulary.costs import Costs
from domain.vocabulary.errors import ModelUnavailable, PictureUnreadable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Operation
from tests.fake_records import FakeRecords
from tests.fakes import PNG, FakeFiles, FakeImaging, FakeVision

REQUEST = CheckInput(
    task_id="TASK_20261122_7K3F9Q_1",
    attempt=1,
    call_id="call-1",
    original_key="original",
    candidates=[Candidate(file_key="file", view_key="file")],
    threshold=70,
    operation=Operation.ENHANCE,
    prompt="sharper",
)


class Bench:
    """The quality check on fakes."""

    def __init__(self) -> None:
        self.files, self.imaging, self.vision, self.records = FakeFiles(), FakeImaging(), FakeVision(), FakeRecords()
        self.files.stored = {key: EncodedImage(key.encode(), PNG) for key in ("original", "file")}
        recorder = CallRecorder(self.records, Costs())
        self.checking = Checking(self.files, self.imaging, self.vision, recorder)

    async def check(self, request: CheckInput = REQUEST) -> Checked:
        return await ActivityEnvironment().run(self.checking.check, request)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_good_file_is_scored_by_a_model(bench: Bench) -> None:
    bench.vision.scores = [83]
    checked = await bench.check()
    assert (checked.look.score, checked.call.model, checked.outcome) == (83, "fake-vision-1", Outcome.PASSED)
    assert bench.records.checks == {"file": 83}


async def test_a_file_that_measures_wrong_needs_no_model(bench: Bench) -> None:
    bench.imaging.issue, bench.vision.scores = "no alpha channel", [99]
    checked = await bench.check()
    assert (checked.look.score, checked.look.issue, checked.call) == (BROKEN_SCORE, written("no alpha channel"), None)
    assert bench.vision.scores == [99]
    assert bench.records.checks == {"file": BROKEN_SCORE}


async def test_a_file_that_cannot_be_measured_is_never_shown_as_one_that_passed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_much(*_: object) -> FileCheck:
        raise PictureUnreadable("too slow", "too_much_work", seconds=60)

    monkeypatch.setattr(bench.imaging, "check", too_much)
    checked = await bench.check()
    assert (checked.look.score, checked.outcome) == (BROKEN_SCORE, Outcome.BROKEN_PICTURE)


async def test_of_several_results_the_best_is_named_and_all_are_on_record(bench: Bench) -> None:
    bench.files.stored |= {key: EncodedImage(key.encode(), PNG) for key in ("second", "third")}
    bench.vision.scores = [60, 85, 85]
    keys = ("file", "second", "third")
    several = [Candidate(file_key=key, view_key=key) for key in keys]
    checked = await bench.check(REQUEST.model_copy(update={"candidates": several}))
    assert (checked.best, checked.look.score) == (1, 85)
    assert bench.records.checks == {"file": 60, "second": 85, "third": 85}
    looks = [record for record in bench.records.calls.values() if record.kind == "score"]
    assert [record.input_key for record in looks] == list(keys)
    assert checked.spent.calls == 3


@pytest.mark.parametrize(
    ("score", "outcome"), [(70, Outcome.PASSED), (69, Outcome.POOR)], ids=["at the threshold", "below it"]
)
async def test_a_score_passes_from_the_threshold_on(bench: Bench, score: int, outcome: Outcome) -> None:
    bench.vision.scores = [score]
    assert (await bench.check()).outcome is outcome
    assert bench.records.outcomes["call-1"] is outcome


async def test_what_the_measurement_found_is_the_outcome(bench: Bench) -> None:
    bench.imaging.issue, bench.imaging.outcome = "as it was", Outcome.UNCHANGED
    assert (await bench.check()).outcome is Outcome.UNCHANGED


async def test_a_check_that_cannot_be_made_tells_what_it_cost(bench: Bench) -> None:
    bench.vision.failure = ModelUnavailable("503")
    with pytest.raises(ModelUnavailable) as raised:
        await bench.check()
    assert isinstance(raised.value.details, Trouble)
    assert raised.value.details.spent.calls == 1
    assert list(bench.records.outcomes.values()) == [Outcome.BROKEN]


async def test_one_result_that_cannot_be_scored_leaves_the_choice_to_the_others(bench: Bench) -> None:
    bench.files.stored["second"] = bench.files.stored["third"] = EncodedImage(b"x", PNG)
    several = [Candidate(file_key=key, view_key=key) for key in ("file", "second", "third")]
    bench.vision.scores = [40, 95, -1]
    checked = await bench.check(REQUEST.model_copy(update={"candidates": several}))
    assert (checked.best, checked.look.score) == (1, 95)


async def test_a_look_is_sent_no_more_than_the_model_takes(bench: Bench) -> None:
    bench.vision.takes = InputLimits(most_bytes=5)
    await bench.check()
    assert [seen.data for seen in bench.vision.seen] == [b"origi", b"file"]
