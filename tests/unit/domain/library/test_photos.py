"""Tags and likenesses: the rules by which pictures are named and found."""

import pytest

from domain.library.photos import Asker, Search, as_number, distance, matched, tags_in, tags_of
from domain.vocabulary.pictures import Analysis

NOBODY = Asker("", "")


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("猫", ["猫"]),
        (" 橘猫、草地，天空;树；Red  Cat / dog|鸟\n花 ", ["橘猫", "草地", "天空", "树", "red cat", "dog", "鸟", "花"]),
        ("Ｃａｔ，CAT,cat", ["cat"]),
        ("“a portrait.”", ["a portrait"]),
        (",,, 、 ;♥!?", []),
        ("女\x00人", ["女人"]),
    ],
)
def test_tags_stand_between_commas_and_the_like_in_any_language(said: str, tags: list[str]) -> None:
    assert tags_in([said]) == tags


def test_tags_are_few_and_short() -> None:
    assert len(tags_in([",".join(map(str, range(100)))])) == 20
    assert tags_in(["猫" * 1000]) == ["猫" * 60]


def test_tags_come_from_subject_and_kind_of_work_and_from_nothing_else() -> None:
    analysis = Analysis(subject="猫,草地", proc_type="enhance", prompt="a prompt", quality="模糊")
    assert tags_of(analysis) == ["猫", "草地", "enhance"]
    assert tags_of(None) == tags_of(Analysis()) == []


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [("0" * 16, "0" * 16, 0), ("f" * 16, "0" * 16, 64), ("8000000000000001", "0" * 16, 2)],
)
def test_the_distance_is_the_number_of_bits_that_differ(one: str, other: str, bits: int) -> None:
    assert distance(one, other) == distance(other, one) == bits


@pytest.mark.parametrize(
    ("likeness", "number"), [("0" * 16, 0), ("7" + "f" * 15, 2**63 - 1), ("8" + "0" * 15, -(2**63)), ("f" * 16, -1)]
)
def test_a_likeness_is_a_signed_number_for_databases(likeness: str, number: int) -> None:
    assert as_number(likeness) == number


def test_the_tags_that_were_meant_are_those_named_or_said() -> None:
    tags = ["橘猫", "窗台", "cat", "a red cat"]
    assert matched(tags, Search(NOBODY, tags=["猫"])) == ["橘猫"]
    assert matched(tags, Search(NOBODY, words="橘猫在窗台上吗")) == ["橘猫", "窗台"]
    assert matched(tags, Search(NOBODY, words="education")) == []
    assert matched(tags, Search(NOBODY, tags=["Cat"])) == ["cat", "a red cat"]
    assert matched(tags, Search(NOBODY)) == []
