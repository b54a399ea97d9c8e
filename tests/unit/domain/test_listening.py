"""Sentences as customers type them."""

import time

import pytest

from domain.listening import Mood, describe, find_address, find_picture, read, read_operation, without_addresses
from domain.pictures import Operation

REFUSALS = [
    ("不好", ""),
    ("不对", ""),
    ("不满意!!", ""),
    ("这个不行啊", ""),
    ("效果不好呀", ""),
    ("重做", ""),
    ("不行,好了吗", ""),
    ("不行,我要退款", ""),
    ("不行,发我邮箱", ""),
    ("颜色不对,脸再亮一点", "颜色不对,脸再亮一点"),
    ("重做 背景要蓝色的", "重做 背景要蓝色的"),
    ("脸不对称,改一下", "脸不对称,改一下"),
    ("不好意思,颜色不对,太黄", "不好意思,颜色不对,太黄"),
    ("差太多了,头发都没了", "差太多了,头发都没了"),
    ("不行 可以改成蓝色吗", "不行 可以改成蓝色吗"),
]
NO_REFUSALS = [
    "不好意思",
    "左右不对称",
    "没有不满意",
    "先这样,不行再说",
    "还不行再找你",
    "邮箱改一下",
    "邮箱不对",
    "我改一下邮箱",
    "帮忙改一下收件地址",
    "不用重做了",
    "你觉得好不好看",
    "行不行呀",
    "颜色对不对?",
]
CONTENT = [
    "可以",
    "可以的",
    "满意",
    "没问题",
    "就这样吧",
    "OK",
    "ok",
    "okk",
    "好的可以",
    "不错可以",
    "不用改了就这样",
    "可以,谢谢",
    "不好意思才看到,可以的",
]
NOT_CONTENT = [
    "不可以",
    "不太满意",
    "不是很满意",
    "没有很满意",
    "not ok",
    "可以吗",
    "可以了没",
    "可不可以快点",
    "什么时候可以好",
    "多久可以发我",
    "可以再亮一点",
    "可以把背景换成蓝色",
    "可以,但是脸有点黄",
    "可以 就是背景暗",
    "没问题的话我再付",
    "没问题再说",
    "facebook那张",
    "嗯",
    "好的",
    "在吗",
    "第一张第二张可以",
]
ADDRESSES = [
    ("wang@example.com", "wang@example.com"),
    ("发到wang@example.com谢谢", "wang@example.com"),
    ("我的邮箱是Wang.Li+1@Mail.Example.COM。", "wang.li+1@mail.example.com"),
    ("wang@example.com", "wang@example.com"),
    ("wang艾特example.com", "wang@example.com"),
    ("wang @ example.com", "wang@example.com"),
    ("12345678@qq.com", "12345678@qq.com"),
    ("邮箱改一下 li@example.com", "li@example.com"),
    ("...wang@example.com", "wang@example.com"),
    ("a@example.com不对,是b@example.com", "b@example.com"),
    ("不是a@example.com 是b@example.com", "b@example.com"),
]
DOUBTFUL_ADDRESSES = [
    "123@qq",
    "wang@qq.con",
    "wang@163。com",
    "wang@163,com",
    "王@qq.com",
    "12345678",
    "我的QQ是12345678",
    "a@example.com 和 b@example.com",
]
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
    ("去背景", Operation.REMOVE_BG),
    ("需要去掉背景", Operation.REMOVE_BG),
    ("去水印", Operation.EDIT),
    ("把路人P掉", Operation.EDIT),
    ("换背景", Operation.EDIT),
    ("改尺寸", Operation.RESIZE),
    ("做成一寸照", Operation.RESIZE),
    ("1920x1080", Operation.RESIZE),
    ("给猫戴帽子", None),
]


@pytest.mark.parametrize(("words", "description"), REFUSALS)
def test_a_refusal_is_heard_with_the_change_it_describes(words: str, description: str) -> None:
    reading = read(words)
    assert (reading.mood, reading.description) == (Mood.REFUSAL, description)


@pytest.mark.parametrize("words", NO_REFUSALS)
def test_what_only_sounds_like_a_refusal_is_none(words: str) -> None:
    assert read(words).mood is Mood.OTHER


@pytest.mark.parametrize("words", CONTENT)
def test_content_is_heard(words: str) -> None:
    assert read(words).mood is Mood.CONTENT


@pytest.mark.parametrize("words", NOT_CONTENT)
def test_questions_conditions_and_denials_are_left_to_the_bot(words: str) -> None:
    assert read(words).mood is Mood.OTHER


@pytest.mark.parametrize(("words", "address"), ADDRESSES)
def test_an_address_is_found_however_it_is_typed(words: str, address: str) -> None:
    reading = read(words)
    assert (reading.mood, reading.address) == (Mood.ADDRESS, address)


@pytest.mark.parametrize("words", DOUBTFUL_ADDRESSES)
def test_a_doubtful_address_is_asked_back(words: str) -> None:
    reading = read(words)
    assert (reading.mood, reading.address) == (Mood.DOUBTFUL_ADDRESS, None)


def test_an_address_in_a_refusal_is_remembered_and_kept_out_of_the_description() -> None:
    reading = read("颜色不对,脸太黄,改好发 Wang艾特Example.com")
    assert (reading.mood, reading.address) == (Mood.REFUSAL, "wang@example.com")
    assert reading.description == "颜色不对,脸太黄,改好发"


def test_an_address_that_is_called_wrong_is_not_written_to() -> None:
    assert read("邮箱wang@example.com不对").address is None


@pytest.mark.parametrize("words", ["嗯", "好的", "稍等", "好了吗", "好了没", "嗯嗯好的", "不用重做了", "什么时候能好"])
def test_filler_is_never_a_description(words: str) -> None:
    assert describe(words) == ""


@pytest.mark.parametrize("words", ["脸不对称", "太亮", "背景换成蓝色", "能不能再白一点"])
def test_two_characters_that_say_something_are_a_description(words: str) -> None:
    assert describe(words) == words


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("第二张", 2),
        ("第2张不行", 2),
        ("第两个", 2),
        ("第十幅", 10),
        ("图3的脸", 3),
        ("2", 2),
        ("三号", 3),
        ("第一张和第二张", None),
        ("修图一下", None),
        ("两张都好", None),
        ("12345", None),
    ],
)
def test_the_picture_meant_is_counted_from_one(words: str, number: int | None) -> None:
    assert find_picture(words) == number


@pytest.mark.parametrize("words", ["第一张可以,第二张不行", "第二张,脸不对", "第二张不好"])
def test_the_clause_that_refuses_names_the_picture(words: str) -> None:
    reading = read(words)
    assert (reading.mood, reading.picture) == (Mood.REFUSAL, 2)


@pytest.mark.parametrize(("words", "operation"), OPERATIONS)
def test_the_operation_is_read_most_specific_first(words: str, operation: Operation | None) -> None:
    assert read_operation(words) is operation


def test_words_without_an_address_stay_as_they_were_typed() -> None:
    assert without_addresses("LOGO,换成Red") == "LOGO,换成Red"
    assert without_addresses("发wang@qq 或 李@qq.com 吧") == "发 或 李 吧"


@pytest.mark.parametrize("words", ["x" * 2000, "a." * 1000, "@" * 2000, " " * 2000, "嗯" * 2000 + "x", "不" * 2000])
def test_odd_words_are_read_in_no_time(words: str) -> None:
    started = time.process_time()
    read(words)
    describe(words)
    find_address(words)
    assert time.process_time() - started < 0.5
