import pytest
from temporalio.testing import ActivityEnvironment

from activities.checking import BROKEN_SCORE, Checking
from domain.pictures import Operation
from domain.ports import EncodedImage
from domain.work import Checked, CheckInput
from tests.fakes import PNG, FakeFiles, FakeImaging, FakeRecords, FakeVision

REQUEST = CheckInput(
    call_id="call-1",
    original_key="original",
    file_key="file",
    view_key="file",
    operation=Operation.ENHANCE,
    prompt="sharper",
)


class Bench:
    """The quality check on fakes."""

    def __init__(self) -> None:
        self.files, self.imaging, self.vision, self.records = FakeFiles(), FakeImaging(), FakeVision(), FakeRecords()
        self.files.stored = {key: EncodedImage(key.encode(), PNG) for key in ("original", "file")}
        self.checking = Checking(self.files, self.imaging, self.vision, self.records)

    async def check(self) -> Checked:
        return await ActivityEnvironment().run(self.checking.check, REQUEST)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_good_file_is_scored_by_a_model(bench: Bench) -> None:
    bench.vision.scores = [83]
    checked = await bench.check()
    assert (checked.look.score, checked.call.model) == (83, "fake-vision-1")
    assert bench.records.checks == {"call-1": 83}


async def test_a_file_that_measures_wrong_needs_no_model(bench: Bench) -> None:
    bench.imaging.issue, bench.vision.scores = "no alpha channel", [99]
    checked = await bench.check()
    assert (checked.look.score, checked.look.issue, checked.call) == (BROKEN_SCORE, "no alpha channel", None)
    assert bench.vision.scores == [99]
    assert bench.records.checks == {"call-1": BROKEN_SCORE}
