"""The wishes that the bot recognises itself; all other messages are passed on to the order."""

import re
from enum import StrEnum

DIGITS = {character: number for number, character in enumerate("一二三四五六七八九", 1)}
_NUMBERED = re.compile(r"第([1-9一二三四五六七八九])张")


class Wish(StrEnum):
    """Wishes that need a call other than a message to an order."""

    DESIGNER = "designer"  # a human designer should make the picture
    FIND = "find"  # search for a picture by a picture or words
    MINE = "mine"  # show their own pictures of earlier orders
    RESEND = "resend"  # send the e-mail again
    QUESTION = "question"  # ask whether something can be done, before there is an order
    CHANGE = "change"  # revise a preview: the shop's rules do not start a round for a wish alone


_SIGNS = {
    Wish.MINE: re.compile(r"^(?:帮我|麻烦)?找找?我(?:之前|以前)?的图(?:片|了)?[吧呀]?$"),
    Wish.RESEND: re.compile(
        r"^(?:麻烦|请)?(?:再发一[遍次](?:邮件|邮箱)|(?:邮件|邮箱)再发一[遍次]|重发(?:一[遍次])?邮件)[吧呀]?$"
    ),
    Wish.FIND: re.compile(
        r"^(?:帮我|麻烦)?(?:找图|查找图片|找找(?:我的|有没有))|有没有(?:和|跟)?(?:这样|类似|一样|这张|同款)\w{0,6}图$"
    ),
    Wish.DESIGNER: re.compile(r"(?<!不要)(?<!不用)(?<!别)(?:转人工|转给?设计师|(?:找|让|请|叫)个?设计师)"),
    Wish.QUESTION: re.compile(
        r"^(?:请问|你好|您好)?[,，]?(?:这个|这张|这种|这样的)?(?:图|照片)?(?:能|可以|能不能)[做修弄](?:好|出来)?[吗么嘛不]"
    ),
    Wish.CHANGE: re.compile(
        r"^(?!.*[?？吗嘛么呢])(?!.*(?:有没有|能不能|是不是|不用|不要再|别再)).*"
        r"(?:再\S{1,6}[一些]?[点些]|换成|换个|改成|改为|去掉|去除|擦掉|[PpＰ]掉|加上|加个|调[亮暗暖冷高低])"
    ),
}


def wish_in(text: str) -> Wish | None:
    """Return the wish in a text, or None."""
    return next((wish for wish, sign in _SIGNS.items() if sign.search(text)), None)


def picture_in(text: str) -> int | None:
    """Return the number of the picture that a text names (第二张 is 2), or None."""
    found = _NUMBERED.search(text)
    return DIGITS.get(found.group(1)) or int(found.group(1)) if found else None
