"""Download links of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.storage.links import HALF_A_DAY, DownloadLinks, ImageLinks
from domain.vocabulary.errors import LinkUnreadable
from runtime import wiring
from runtime.settings import Settings

LINKS = DownloadLinks("secret", "https://shop.test/")


def token_of(url: str) -> str:
    return url.rpartition("/d/")[2].partition("/")[0]


@given(st.text(), st.text())
def test_a_link_gives_back_what_it_was_made_of(key: str, filename: str) -> None:
    assert LINKS.read(token_of(LINKS.url(key, filename))) == (key, filename)


def test_a_link_ends_in_the_filename() -> None:
    assert LINKS.url("a/b.png", "图 1/2.png").startswith("https://shop.test/d/")
    assert LINKS.url("a/b.png", "图 1/2.png").endswith("/%E5%9B%BE%201%2F2.png")


@given(st.text())
def test_a_token_that_is_none_of_ours_is_unreadable(token: str) -> None:
    with pytest.raises(LinkUnreadable):
        LINKS.read(token)


@given(st.data())
def test_a_token_with_one_character_changed_is_unreadable(data: st.DataObject) -> None:
    token = token_of(LINKS.url("a/b.png", "b.png"))
    place = data.draw(st.integers(0, len(token) - 2))  # the last character holds bits that base64 ignores
    other = data.draw(st.characters(codec="ascii").filter(lambda character: character != token[place]))
    with pytest.raises(LinkUnreadable):
        LINKS.read(token[:place] + other + token[place + 1 :])


def test_a_link_of_another_shop_is_unreadable() -> None:
    with pytest.raises(LinkUnreadable):
        LINKS.read(token_of(DownloadLinks("other", "https://shop.test").url("a", "b")))


def test_links_outlive_a_change_of_the_secret_until_the_old_one_is_dropped() -> None:
    old = token_of(LINKS.url("a", "b"))
    rotated = DownloadLinks("new", "https://shop.test", older_secrets=["secret"])
    assert rotated.read(old) == ("a", "b")
    with pytest.raises(LinkUnreadable):
        LINKS.read(token_of(rotated.url("a", "b")))
    with pytest.raises(LinkUnreadable):
        DownloadLinks("new", "https://shop.test").read(old)


def test_links_of_a_retired_secret_still_open() -> None:
    before = Settings(_env_file=None, link_secret=SecretStr("old"))
    after = Settings(_env_file=None, link_secret=SecretStr("new"), retired_link_secrets=SecretStr("older, old"))
    token = wiring.links(before).url("a/b.png", "b.png").split("/")[-2]
    assert wiring.links(after).read(token) == ("a/b.png", "b.png")


class Clock:
    """A clock that the test turns."""

    now = 1_796_000_000.0

    def __call__(self) -> float:
        return self.now


def image_token(url: str) -> str:
    return url.rpartition("/images/")[2]


@pytest.mark.parametrize("is_small", [True, False])
def test_a_link_to_an_image_lives_for_half_a_day_at_least_and_a_day_at_most(is_small: bool) -> None:
    clock = Clock()
    links = ImageLinks("secret", "https://shop.test/", clock)
    url = links.url("task-history/a/b/original.png", is_small=is_small)
    assert url.startswith("https://shop.test/api/task-history/images/")
    clock.now += HALF_A_DAY
    assert links.read(image_token(url)) == ("task-history/a/b/original.png", is_small)
    clock.now += HALF_A_DAY
    with pytest.raises(LinkUnreadable, match="expired"):
        links.read(image_token(url))


def test_a_link_to_an_image_stays_the_same_for_a_while_so_that_browsers_keep_the_image() -> None:
    clock = Clock()
    clock.now = 100 * HALF_A_DAY
    links = ImageLinks("secret", "https://shop.test", clock)
    first = links.url("a/b.png")
    clock.now += HALF_A_DAY - 1
    assert links.url("a/b.png") == first


def test_links_to_files_and_images_are_not_taken_for_each_other() -> None:
    images = ImageLinks("secret", "https://shop.test")
    for token in (token_of(LINKS.url("a/b.png", "b.png")), "", "x", image_token(images.url("a/b.png"))[:-2]):
        with pytest.raises(LinkUnreadable):
            images.read(token)
    with pytest.raises(LinkUnreadable):
        LINKS.read(image_token(images.url("a/b.png")))
