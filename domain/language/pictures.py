"""Finds the pictures that a message names by number: 第二张, 图3, P4."""

import re
from functools import cache

NUMBER = r"(?:[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九两]|\d{1,2})(?![\d一二三四五六七八九十])"
_AND = r"\s{0,2}(?:和|跟|与|及|以及|还有|[、,&+])?\s{0,2}"
# 第二张, 图3, P4, or several in a row; but not 第一个人, 图1寸 or P2张.
# Nor a picture that is only a source, a comparison or an exception: 用第二张的背景, 跟第一张一样, 除了第一张.
_NAMED = (
    "(?<![像照按比成考除])(?<!除了)(?<!(?<!不)用)(?<![和跟与同](?=.{0,12}?(?:一样|一致|相同|差太多|差不多|统一|换)))"
    rf"(?:(?<!倒数)第\s{{0,2}}{NUMBER}(?:(?:\s?[张个幅])?{_AND}第\s{{0,2}}{NUMBER}|{_AND}{NUMBER}){{0,9}}"
    r"\s{0,2}[张个幅](?!人|问题|地方|字|要求|点|方案|版本)"
    rf"|(?<![抠扣修去])图\s{{0,2}}{NUMBER}(?:{_AND}图?\s?{NUMBER}){{0,9}}"
    r"(?!\s?(?:[下样点些会起角张个幅寸倍x×*k%.维次]|[cm]m|px|mb|dpi|像素))"
    r"|(?<![a-z0-9])p[1-9](?![\da-z张个只条岁寸掉]))"
)
NAMED = re.compile(_NAMED, re.IGNORECASE)
ALONE = re.compile(rf"^\s*{NUMBER}\s*号?\s*$")
# The picture that a part of a message is about, with its particles: 把第一张的, 在第二张上.
_SUBJECT = (
    rf"(?:(?<!放)在(?:{_NAMED})(?:图片|照片)?(?:里面?|上面?|中)?的?"
    rf"|[把将给对]?(?:{_NAMED})(?:图片|照片|图(?![层案标]))?的?)"
)  # fmt: skip
_WITHIN = "用到换在往进入放是要给为"  # after these a picture is only mentioned: 把人P到第二张里
# Words for all pictures, or for all except those named.
FOR_ALL = re.compile(
    r"^(?:[这那]?(?:[一两俩二三四五六七八九十几]|\d{1,2}|每一?|各)\s?[张幅]|所有|全|统一|一律|[这那]些|(?:图片?|照片)都"
    r"|都(?:要|需要|给|帮|[p抠换去变修做弄改加调]))"
)
THE_OTHERS = re.compile(
    "其[他它余]|剩下|别的|除了|[以之]外|另外?[一两][张个]|最后一?张|倒数|[前后]面?[一两三四几]?张|[左右上下]边?面?那?张|那张|有一张"
)
# A number of pictures: 两张都要, 这张可以, 俩都行.
_COUNTED = re.compile(
    rf"(?<![第每整几\d一二三四五六七八九十])(?<!第\s)(?P<many>{NUMBER}|[这那])\s?[张幅]|(?P<two>俩)(?!人)"
)
# A picture that is not among those shown: 还有一张图也要换白底.
ANOTHER = re.compile(r"(?:还有|另外?)\s?(?:[一两几]|\d)?[张幅](?!人|脸)")
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)} | {"两": 2}


@cache  # these take long to compile, and not every worker reads words
def subject() -> re.Pattern[str]:
    """Return the pattern of the picture that a part of a message is about."""
    return re.compile(_SUBJECT, re.IGNORECASE)


@cache
def begins_another() -> re.Pattern[str]:
    """Return the pattern of a subject with which a part about another picture begins."""
    return re.compile(rf"(?<![{_WITHIN}]){_SUBJECT}", re.IGNORECASE)


def find_pictures(words: str) -> list[int]:
    """Return the distinct numbers of the pictures named."""
    numbers = [_number(word[0]) for match in NAMED.finditer(words) for word in re.finditer(NUMBER, match[0])]
    if not numbers and (alone := ALONE.match(words)):
        numbers = [_number(alone[0].strip(" 号"))]
    return list(dict.fromkeys(numbers))


def counted(words: str) -> list[int]:
    """Return every number of pictures mentioned."""
    found = [(match["many"], match["two"]) for match in _COUNTED.finditer(words)]
    return [2 if two else 1 if many in {"这", "那"} else _number(many) for many, two in found]


def _number(word: str) -> int:
    tens, ten, ones = word.rpartition("十")
    return int(word) if word.isdigit() else (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
