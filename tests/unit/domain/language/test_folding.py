"""The many ways to write the same words."""

import pytest

from domain.language import Act, Situation, decide, read
from domain.language.folding import HIDDEN, fold, simplified
from domain.vocabulary.status import Status
from tests.words.characters import table


def test_the_table_of_traditional_characters_is_what_opencc_says() -> None:
    assert simplified() == table()


def test_a_character_that_is_simplified_already_stays() -> None:
    assert not set(simplified()) & set(simplified().values())


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("不滿意", "不满意"),
        ("\uff2f\uff2b", "ok"),
        ("\uff57\uff41\uff4e\uff47\uff20163\uff0ecom", "wang@163.com"),
        ("👍🏻\ufe0f", "👍"),
        ("可\u200b以", f"可{HIDDEN}以"),
    ],
)
def test_words_are_folded(written: str, folded: str) -> None:
    assert fold(written).text == folded


def test_every_folded_sign_knows_where_it_was_written() -> None:
    words = fold("LOGO\uff0c㎡不滿意")
    assert words.as_written(0, len(words.text)) == "LOGO\uff0c㎡不滿意"
    assert words.as_written(words.text.index("不"), len(words.text)) == "不滿意"
    assert words.replaced([(0, 4, "@")]).as_written(0, 2) == "LOGO\uff0c"
    two = words.replaced([(0, 4, "@"), (5, 6, "M")])
    assert (two.text, two.as_written(2, 7)) == (f"@,M2{HIDDEN}不满意", "㎡不滿")


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("可\u200b以", Act.ACCEPT),
        ("不\u200b满意", Act.ASK_WHAT),
        ("冇問題", Act.ACCEPT),
        ("唔好", Act.ASK_WHAT),
        ("唔該", Act.NOTHING),
        ("退\u2060款", Act.TELL_STAFF),
    ],
)
def test_however_it_is_written_it_says_the_same(words: str, act: Act) -> None:
    assert decide(read(words), Situation.of(Status.AWAITING_CONFIRM)).act is act
