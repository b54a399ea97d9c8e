"""What the bot of the chat page takes for another wish than words, and what it does not."""

import pytest

from simulators.shopbot.wishes import Wish, picture_in, wish_in


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("找找我的图", Wish.MINE), ("帮我找找我之前的图", Wish.MINE),
        ("找找有没有这样的图", Wish.FIND), ("帮我找图:橘猫", Wish.FIND),
        ("查找图片", Wish.FIND), ("有没有类似的图", Wish.FIND), ("有没有跟这张一样的图", Wish.FIND),
        ("转人工设计师做", Wish.DESIGNER), ("第二张转人工吧", Wish.DESIGNER), ("帮我找个设计师", Wish.DESIGNER),
        ("再发一遍邮件", Wish.RESEND), ("麻烦邮件再发一次吧", Wish.RESEND), ("重发邮件", Wish.RESEND),
        ("这个能做吗", Wish.QUESTION), ("请问这张图能修吗", Wish.QUESTION), ("能不能做好吗", Wish.QUESTION),
        ("第2张颜色再暖一点", Wish.CHANGE), ("再亮些", Wish.CHANGE), ("背景换成白色", Wish.CHANGE),
        ("把字去掉", Wish.CHANGE),
    ],
)  # fmt: skip
def test_a_wish_is_understood(text: str, wish: Wish) -> None:
    assert wish_in(text) is wish


@pytest.mark.parametrize(
    "text",
    [
        "变清晰一点", "不要再亮一点了", "再亮一点可以吗", "好看", "再见",
        "有没有办法把这张图变清晰", "有没有办法把图片里的人P掉", "有没有人帮我看看图",
        "有没有收到第二张图", "帮我找一下图里的划痕修掉", "不要转人工,机器修就行", "不用找设计师",
        "是人工修的吗", "你们是机器做还是人工做", "人工修图多少钱", "什么时候能做好吗",
        "头发能再修一下吗", "再发一遍图片给我看看", "邮件没收到", "可以了,发链接吧", "",
    ],
)  # fmt: skip
def test_other_words_are_passed_on_as_they_are(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize(("text", "number"), [("第二张转人工", 2), ("第3张", 3), ("转人工", None)])
def test_the_picture_that_is_named(text: str, number: int | None) -> None:
    assert picture_in(text) == number
