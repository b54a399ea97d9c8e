"""Sharing pictures of the library: what everybody is shown, and that nothing is left of it afterwards."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.library.photos import Photo
from domain.ports import EncodedImage
from domain.vocabulary.errors import OutsideUnavailable, PictureUnreachable
from starter.commands import sharing
from starter.commands.sharing import LibraryTools
from starter.failures import NoSuchOrder
from tests.fakes import PNG, FakeFiles, FakeImaging

PHOTO = Photo(
    photo_id="p-1", kind="result", customer_id="wang", acc_id="shop-1", task_id="TASK_20261122_7K3F9Q_1",
    view_key="task-history/wang/T/attempt-1-view.png", shareable=False, shown_key=None, tags=["猫"], width=8, height=6,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
)  # fmt: skip


class FakePhotoCatalogue:
    """One picture, which somebody else may share at any moment."""

    def __init__(self) -> None:
        self.kept = PHOTO
        self.is_shared_by_another = False

    async def photo(self, photo_id: str) -> Photo | None:
        return self.kept if photo_id == self.kept.photo_id else None

    async def listing(self, *, customer_id: str | None, shareable: bool | None, limit: int) -> list[Photo]:
        return [self.kept]

    async def share(self, photo_id: str, shown_key: str) -> bool:
        if self.is_shared_by_another:
            self.kept = replace(self.kept, shareable=True, shown_key="library/theirs.jpg")
            return False
        self.kept = replace(self.kept, shareable=True, shown_key=shown_key)
        return True

    async def hide(self, photo_id: str) -> None:
        self.kept = replace(self.kept, shareable=False)

    async def forget_copy(self, photo_id: str) -> None:
        self.kept = replace(self.kept, shown_key=None)


class FailingFiles(FakeFiles):
    is_away = False

    async def delete(self, key: str) -> None:
        if self.is_away:
            raise OutsideUnavailable("away")
        await super().delete(key)


class Shop:
    def __init__(self) -> None:
        self.records, self.files = FakePhotoCatalogue(), FailingFiles()
        self.files.stored[PHOTO.view_key] = EncodedImage(b"a cat", PNG)
        self.library = LibraryTools(self.records, self.files, FakeImaging())

    @property
    def copies(self) -> list[str]:
        return [key for key in self.files.stored if key.startswith("library/")]


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_what_is_shared_is_a_clean_copy_under_a_key_that_names_nobody(shop: Shop) -> None:
    shared = await sharing.share(shop.library, "p-1")
    assert (shared.shareable, [shared.shown_key]) == (True, shop.copies)
    assert shop.files.stored[shop.copies[0]].data == b"clean copy of a cat"
    assert not [word for word in ("wang", "TASK", "7K3F9Q") if word in shop.copies[0]]
    assert len(shop.copies[0]) > len("library/.jpg") + 20, "nobody guesses it"


async def test_shared_again_it_is_the_same_copy(shop: Shop) -> None:
    first = await sharing.share(shop.library, "p-1")
    assert await sharing.share(shop.library, "p-1") == first
    assert len(shop.copies) == 1


async def test_of_two_who_share_it_at_once_one_copy_is_kept(shop: Shop) -> None:
    shop.records.is_shared_by_another = True
    assert (await sharing.share(shop.library, "p-1")).shown_key == "library/theirs.jpg"
    assert shop.copies == []


async def test_what_is_not_shared_any_more_leaves_no_copy(shop: Shop) -> None:
    await sharing.share(shop.library, "p-1")
    for _ in range(2):
        hidden = await sharing.unshare(shop.library, "p-1")
        assert (hidden.shareable, hidden.shown_key, shop.copies) == (False, None, [])


async def test_what_was_hidden_half_way_is_hidden_and_its_copy_goes_with_the_next_word(shop: Shop) -> None:
    old = (await sharing.share(shop.library, "p-1")).shown_key
    shop.files.is_away = True
    with pytest.raises(OutsideUnavailable):
        await sharing.unshare(shop.library, "p-1")
    assert not shop.records.kept.shareable
    shop.files.is_away = False
    shared = await sharing.share(shop.library, "p-1")
    assert shop.copies == [shared.shown_key] != [old]


async def test_an_unknown_picture_or_one_whose_file_is_gone_says_so(shop: Shop) -> None:
    for step in (sharing.share, sharing.unshare):
        with pytest.raises(NoSuchOrder, match="darkroom photo list"):
            await step(shop.library, "p-2")
    shop.files.stored.clear()
    with pytest.raises(PictureUnreachable, match="attempt-1-view"):
        await sharing.share(shop.library, "p-1")
    assert not shop.records.kept.shareable
