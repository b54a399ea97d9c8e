"""What follows from words about a preview: the table stands in sentences.py."""

import pytest

from domain.language import (
    Act,
    Situation,
    decide,
    exact_address,
    note_for,
    read,
    read_operation,
    remembered_address,
    wishes,
    without_addresses,
)
from domain.language.pictures import find_pictures
from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import Status
from tests.growth import assert_in_proportion
from tests.unit.domain.language.sentences import SENTENCES, Sentence

OPERATIONS = [
    ("", Operation.ENHANCE),
    ("??", Operation.ENHANCE),
    ("帮我弄清晰", Operation.ENHANCE),
    ("有点模糊", Operation.ENHANCE),
    ("转成矢量图", Operation.VECTORIZE),
    ("要 AI 格式的", Operation.VECTORIZE),
    ("SVG", Operation.VECTORIZE),
    ("分层的psd", Operation.LAYERED),
    ("psd 背景透明", Operation.REMOVE_BG_AND_LAYER),
    ("老照片修复", Operation.FIX_OLD_PHOTO),
    ("发黄了", Operation.FIX_OLD_PHOTO),
    ("抠图", Operation.REMOVE_BG),
    ("摳圖 背景透明", Operation.REMOVE_BG),
    ("把人抠出来", Operation.REMOVE_BG),
    ("去背景", Operation.REMOVE_BG),
    ("需要去掉背景", Operation.REMOVE_BG),
    ("去水印", Operation.EDIT),
    ("水印弄掉", Operation.EDIT),
    ("换个发型", Operation.EDIT),
    ("祛痘瘦脸", Operation.EDIT),
    ("把路人P掉", Operation.EDIT),
    ("换背景", Operation.EDIT),
    ("改尺寸", Operation.RESIZE),
    ("做成一寸照", Operation.RESIZE),
    ("改成2000x3000", Operation.RESIZE),
    ("换个大小", Operation.RESIZE),
    ("背景改成蓝色 一寸", Operation.EDIT),
    ("改成高清的", Operation.ENHANCE),
    ("1920x1080", Operation.RESIZE),
    ("不用抠图,变清晰就行", Operation.ENHANCE),
    ("不要水印", Operation.EDIT),
    ("给猫戴帽子", None),
    ("P图", None),
]
NO_DESCRIPTIONS = [
    "嗯", "好的", "稍等", "好了吗", "好了没", "嗯嗯好的", "不用重做了", "什么时候能好", "再P一下", "算了不改了",
    "人呢", "多少钱", "你看着办", "等会儿说", "谢谢亲", "[图片]", "付过钱了", "好的👌", "第二张", "还行",
    "挺好的", "便宜点", "发邮箱 wang@example.com", "我在开车", "哪里都不好看", "转人工", "[语音]", "亮", "大点", "ok",
]  # fmt: skip
DESCRIPTIONS = [
    "脸不对称",
    "太亮",
    "头发发黄",
    "背景换成蓝色",
    "能不能再白一点",
    "别动背景",
    "脸黄 多久能好",
    "背景换蓝色?",
]
YES = [
    "是", "是的", "是的亲", "对", "对的", "对对对", "嗯", "嗯嗯", "恩", "嗯呢", "好", "好的", "好哒", "好嘞",
    "好的谢谢", "行", "行吧", "可以", "可以的", "可以发", "发吧", "就这个", "是这个没错", "没错", "确认",
    "要", "没问题", "OK", "\uff2f\uff2b", "ok的", "yes", "Yes!", "👌", "👌🏻", "👍", "是的,就发这个邮箱",
    "发到这个邮箱", "好的,麻烦您",
]  # fmt: skip
NO_YES = [
    "", "?", "。。", "是吗", "对吗", "好?", "ok?", "可以吗", "好么", "没问题吗", "好了吗", "行不行", "好不好",
    "是不是", "不", "不是", "不对", "不用", "不要", "不可以", "不是这个", "嗯不对", "好像不是", "好的不用了", "别发",
    "没有", "换一个", "嗯,换一个", "换成li@example.com", "对 li@example.com", "是的,12345678", "发到qq邮箱", "用微信",
    "对了,脸再亮一点", "可以,再亮一点", "可以便宜点", "好的稍等", "对,多久到", "谢谢", "你好", "还是",
    "对方邮箱", "发不了", "没收到",
]  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.words)
def test_what_follows_from_words_about_a_preview(sentence: Sentence) -> None:
    reading = read(sentence.words)
    decision = decide(reading, Situation.of(Status.AWAITING_CONFIRM, sentence.pictures))
    assert (decision.act, remembered_address(reading)) == (sentence.act, sentence.address)
    assert sentence.pictures == 1 or decision.picture == sentence.picture


def test_the_table_says_nothing_twice() -> None:
    words = [sentence.words for sentence in SENTENCES]
    assert len(words) == len(set(words)) >= 160


@pytest.mark.parametrize("words", NO_DESCRIPTIONS)
def test_what_describes_nothing_begins_no_round(words: str) -> None:
    assert decide(read(words), Situation.of(Status.REVISION)).act is not Act.ROUND


@pytest.mark.parametrize("words", DESCRIPTIONS)
def test_a_description_answers_the_question_what_to_change(words: str) -> None:
    assert decide(read(words), Situation.of(Status.REVISION)).act is Act.ROUND


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("第二张", 2),
        ("第2张不行", 2),
        ("第两个", 2),
        ("第十幅", 10),
        ("第十二张", 12),
        ("第二十张", 20),
        ("图3的脸", 3),
        ("P2太黄", 2),
        ("2", 2),
        ("三号", 3),
        ("第一张三个人", 1),
        ("第二张的脸用第一张的", 2),
        ("第一张和第二张", None),
        ("第1、3张", None),
        ("图1图2", None),
        ("倒数第二张", None),
        ("第一个问题", None),
        ("跟第一张一样", None),
        ("图1寸", None),
        ("修图一下", None),
        ("P2张", None),
        ("mp3", None),
        ("两张都好", None),
        ("12345", None),
    ],
)
def test_the_picture_meant_is_counted_from_one(words: str, number: int | None) -> None:
    found = find_pictures(words)
    assert (found[0] if len(found) == 1 else None) == number


@pytest.mark.parametrize(("words", "operation"), OPERATIONS)
def test_the_operation_is_read_most_specific_first(words: str, operation: Operation | None) -> None:
    assert read_operation(words) is operation


def test_there_are_words_for_every_operation() -> None:
    assert {operation for _, operation in OPERATIONS if operation} == set(Operation)


def test_words_without_an_address_stay_as_they_were_typed() -> None:
    assert without_addresses("LOGO\uff0c换成Red") == "LOGO\uff0c换成Red"
    assert without_addresses("发wang@qq 或 李@qq.com 吧") == "发 或 李 吧"
    assert without_addresses("脸再亮一点 o'neil@example.com") == "脸再亮一点"


def _offered(words: str) -> Act:
    situation = Situation.of(Status.AWAITING_CONFIRM).model_copy(update={"is_address_offered": True})
    reading = read(words)
    return decide(reading, situation).act if reading.address is None else Act.NOTHING


@pytest.mark.parametrize("words", YES)
def test_a_yes_to_an_offer_is_heard(words: str) -> None:
    assert _offered(words) is Act.MAIL


@pytest.mark.parametrize("words", NO_YES)
def test_questions_denials_and_whatever_says_more_are_no_yes(words: str) -> None:
    assert _offered(words) is not Act.MAIL


ODD_WORDS = [
    "x", "a.", "@", " ", "\n", "不", "a@", "a@a.", "a@b-", "第一", "第一张", "第一、", "第一张可以", "和第一张", "第 ",
    "十", "图", "图1", "p1", "1 ", "1,", "1x1", "如果不好,", "先", "可以", "没有", "之前", "不用改", "再", "邮箱",
    "链接", "ok", "艾特", "嗯", "脸", "背景", "把", "的", "a@qq.com ", "点", "不要", "[", "\u200b", "。",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_WORDS)
def test_odd_words_are_read_in_proportion_to_their_length(odd: str) -> None:
    assert_in_proportion(_read_all_ways, odd)


def _read_all_ways(words: str) -> None:
    for text in (words, f"{words}x", words[:120], words[:600]):
        wishes(read(text))
        remembered_address(read(text))
        exact_address(text)
        read_operation(text)
        note_for(text, 1)
        without_addresses(text)
