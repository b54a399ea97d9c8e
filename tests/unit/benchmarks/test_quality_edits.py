"""The corpus of wishes for edits: refusing is fine, doing anything else than what was asked is not."""

import tomllib

import pytest

from benchmarks.quality.edits import WISHES, verdict

SECTIONS: dict[str, dict[str, str]] = tomllib.loads(WISHES.read_text("utf-8"))


@pytest.mark.parametrize("section", SECTIONS)
def test_no_wish_is_done_wrong(section: str) -> None:
    assert [words for words, meaning in SECTIONS[section].items() if verdict(words, meaning) == "wrong"] == []


def test_the_corpus_is_large_enough() -> None:
    assert sum(map(len, SECTIONS.values())) >= 300
    assert sum(bool(meaning) for section in SECTIONS.values() for meaning in section.values()) >= 100


def test_another_colour_and_the_opposite_are_wrong() -> None:
    assert verdict("换成白底", "blue") == verdict("太亮了", "brighter") == "wrong"
    assert verdict("白底,磨皮", "white") == "refused"
