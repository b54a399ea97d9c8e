"""Finished files of others: fetched to disk, checked by what their picture needs, and stored like our own."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.adoption import Adoption
from activities.fetching import TRIES
from domain.attempts.work import Adopted, AdoptInput
from domain.ports import AcceptedFile, EncodedImage, HandedIn
from domain.texts.phrase import said
from domain.vocabulary.errors import OutsideUnavailable, PictureUnreachable, PictureUnreadable
from domain.vocabulary.pictures import Operation
from domain.vocabulary.provenance import Provenance
from tests.fakes import FakeFiles, FakeImaging, FakeWeb

FOLDER = "task-history/c1/TASK_20261122_7K3F9Q_1"
PSD = "image/vnd.adobe.photoshop"


class LayersImaging(FakeImaging):
    """Accepts a PSD, whose view and copy with the label lie beside it."""

    async def accept(self, folder: Path, offered: HandedIn, made_by: Provenance | None) -> AcceptedFile:
        await super().accept(folder, offered, made_by)
        (folder / "view").write_bytes(b"view")
        (folder / "marked").write_bytes(b"marked")
        self.offered, self.made_by = offered, made_by
        return AcceptedFile(
            PSD, "psd", 64, 48, "00", "image/png", is_labelled=True, is_marked=True, issue=said("check.light")
        )


class Desk:
    """Adoption on fakes."""

    def __init__(self) -> None:
        self.files, self.web, self.imaging = FakeFiles(), FakeWeb(), FakeImaging()

    async def adopt(self, try_number: int = 1, **facts: Any) -> Adopted:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, attempt=try_number)
        request = AdoptInput(task_id="TASK_20261122_7K3F9Q_1", folder=FOLDER, attempt=2, **facts)
        return await env.run(Adoption(self.files, self.web, self.imaging).adopt, request)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_file_is_stored_with_its_preview(desk: Desk) -> None:
    made = await desk.adopt(image_url="https://x/1.png")
    assert (made.file.key, made.view_key) == (f"{FOLDER}/attempt-2-generated.png",) * 2
    assert made.preview_key == f"{FOLDER}/attempt-2-preview.jpg"
    thumbnail = f"{FOLDER}/attempt-2-generated-thumb.jpg"
    assert set(desk.files.stored) == {made.file.key, made.preview_key, thumbnail}
    assert (made.is_labelled, made.plain_key, made.file.file_size) == (False, "", len(b"picture from https://x/1.png"))


async def test_layers_are_stored_with_a_view_and_a_file_without_the_visible_label(desk: Desk) -> None:
    desk.imaging = imaging = LayersImaging()
    desk.files.stored |= {
        "uploads/a.psd": EncodedImage(b"8BPS", PSD), f"{FOLDER}/original.jpg": EncodedImage(b"old", "image/jpeg"),
    }  # fmt: skip
    made = await desk.adopt(
        image_key="uploads/a.psd",
        operation=Operation.LAYERED,
        original_key=f"{FOLDER}/original.jpg",
        is_made_with_model=True,
    )
    stored = {key: image.data for key, image in desk.files.stored.items() if "attempt" in key}
    assert stored == {
        made.file.key: b"marked", made.plain_key: b"8BPS", made.view_key: b"view",
        made.preview_key: b"preview of 8BPS",
        f"{FOLDER}/attempt-2-generated-thumb.jpg": b"small 8BPS",
    }  # fmt: skip
    assert (made.file.content_type, made.file.file_size, made.plain_size) == (PSD, 6, 4)
    assert (made.is_labelled, made.issue.phrase) == (True, "check.light")
    assert (imaging.offered.wish is not None, imaging.offered.original) == (True, "original")
    assert imaging.made_by == Provenance("TASK_20261122_7K3F9Q_1-A2")


async def test_a_refusal_keeps_its_words(desk: Desk) -> None:
    desk.imaging.failure = PictureUnreadable("no").because(said("handed_in.original"))
    with pytest.raises(PictureUnreadable) as raised:
        await desk.adopt(image_url="https://x/1.png")
    assert raised.value.told.phrase == "handed_in.original"


async def test_what_cannot_be_fetched_is_given_up_in_the_end(desk: Desk) -> None:
    with pytest.raises(PictureUnreachable):
        await desk.adopt()
    with pytest.raises(PictureUnreachable):
        await desk.adopt(image_key="uploads/none.png")
    desk.web.failure = OutsideUnavailable("away")
    for number, is_final in ((TRIES - 1, False), (TRIES, True)):
        with pytest.raises(OutsideUnavailable) as raised:
            await desk.adopt(try_number=number, image_url="https://x/1.png")
        assert raised.value.permanent is is_final
