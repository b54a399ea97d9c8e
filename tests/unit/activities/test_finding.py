"""Looking at the asked picture, and answering with what the asker may see."""

from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.finding import Finding
from domain.bounds import budgets
from domain.library.finding import FindRequest, Looked, LookInput, SearchInput
from domain.library.photos import Hit
from domain.ports import EncodedImage
from domain.vocabulary.errors import DarkroomError, OutsideUnavailable, PictureUnreachable, PictureUnreadable
from tests.fakes import PNG, FakeFiles, FakeImaging, FakeLibrary, FakeWeb

REQUEST = FindRequest(customer_id="wang", acc_id="shop-1", words="橘猫", limit=2)
STRANGERS = Hit(
    photo_id="p-1", kind="result", key="task-history/li/TASK_20261122_7K3F9Q_1/attempt-1-generated.png",
    shown_key="library/3f2a.jpg", width=8, height=6, is_own=False, is_delivered=True, task_id="TASK_20261122_7K3F9Q_1",
    tags=["李先生", "橘猫"], distance=2,
)  # fmt: skip


class Desk:
    """Finding on fakes."""

    def __init__(self) -> None:
        self.files, self.web, self.imaging, self.library = FakeFiles(), FakeWeb(), FakeImaging(), FakeLibrary()
        self.finding = Finding(self.files, self.web, self.imaging, self.library)

    async def look(self, request: LookInput) -> Looked:
        return await ActivityEnvironment().run(self.finding.look, request)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_picture_is_fetched_or_read_and_its_likeness_told(desk: Desk) -> None:
    desk.files.stored["uploads/1.png"] = EncodedImage(b"picture from https://shop.example/1.jpg", PNG)
    fetched = await desk.look(LookInput(image_url="https://shop.example/1.jpg"))
    assert len(fetched.likeness) == 16
    assert await desk.look(LookInput(image_key="uploads/1.png")) == fetched


@pytest.mark.parametrize("error", [PictureUnreachable("a private address"), PictureUnreadable("a GIF")])
async def test_what_is_no_picture_is_answered(desk: Desk, error: DarkroomError) -> None:
    desk.web.failure = error
    assert (await desk.look(LookInput(image_url="https://x.example"))).refused == error.told
    assert (await desk.look(LookInput(image_key="uploads/none.png"))).refused


async def test_an_outage_is_tried_again(desk: Desk) -> None:
    desk.web.failure = OutsideUnavailable("away")
    with pytest.raises(OutsideUnavailable):
        await desk.look(LookInput(image_url="https://x.example"))


async def test_the_answer_to_a_stranger_names_neither_customer_nor_task_nor_order(desk: Desk) -> None:
    desk.library.hits = [STRANGERS]
    found = await ActivityEnvironment().run(desk.finding.search, SearchInput(request=REQUEST, likeness="0" * 16))
    assert found.model_dump(exclude_defaults=True) == {
        "matches": [
            {
                "photo_id": "p-1", "link": "https://darkroom.example/d/library/3f2a.jpg", "distance": 2,
                "kind": "result", "tags": ["橘猫"], "is_own": False, "width": 8, "height": 6,
            }
        ]
    }  # fmt: skip
    told = found.model_dump_json()
    assert not [secret for secret in ("li/", "TASK", "7K3F9Q", "李先生", "ORDER", "task-history") if secret in told]


async def test_an_answer_has_as_many_matches_as_there_is_room_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.files, "link", lambda *_: "https://darkroom.example/" + "x" * 9_000)
    desk.library.hits = [replace(STRANGERS, photo_id=f"p-{number}") for number in range(20)]
    many = REQUEST.model_copy(update={"limit": 20})
    found = await ActivityEnvironment().run(desk.finding.search, SearchInput(request=many, likeness="0" * 16))
    assert [match.photo_id for match in found.matches] == [f"p-{number}" for number in range(6)]
    assert budgets.size(found) <= budgets.FOUND
