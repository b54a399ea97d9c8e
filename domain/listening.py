"""Reading a customer's words: the operation they want, a refusal, an address, content.

When in doubt the reading is `OTHER`: the bot, which understands more, decides.
"""

import re
import unicodedata
from enum import StrEnum

from pydantic import BaseModel

from domain.pictures import Operation
from domain.sizes import read_size

# Most specific first. Words that match nothing are a request for the analysis, never silently an enhancement.
OPERATION_WORDS: tuple[tuple[Operation, tuple[str, ...]], ...] = (
    (Operation.VECTORIZE, ("矢量", "svg", "ai格式")),
    (Operation.LAYERED, ("分层", "psd")),
    (Operation.FIX_OLD_PHOTO, ("老照片", "修复", "发黄", "破损")),
    (Operation.REMOVE_BG, ("去背", "抠图", "扣图", "透明", "去掉背景", "去除背景")),
    (Operation.EDIT, ("换底色", "去水印", "p掉", "换背景", "去掉", "去除", "加上", "换成", "改成", "删掉")),
    (Operation.RESIZE, ("尺寸", "大小", "缩放")),
    (Operation.ENHANCE, ("模糊", "清晰", "高清", "变清", "高分辨率")),
)
CUT_OUT_WORDS = ("背景", "透明")

REFUSAL_WORDS = ("效果不好", "颜色不对", "不满意", "差太多", "改一下", "不好", "不对", "不行", "重做")
NO_REFUSALS = (
    "不好意思", "不好说", "不对称", "没有不满意", "没不满意", "不行再说", "还不行再", "不行的话", "有什么不对再",
    "好不好", "对不对", "行不行", "满不满意",
)  # fmt: skip
NO_DESCRIPTIONS = (
    "嗯", "好", "好的", "好吧", "好了吗", "好了没", "稍等", "等等", "等下", "等一下", "在吗", "收到", "谢谢",
    "行", "看看", "我看看", "看一下", "我看一下", "想想", "我想想", "不客气", "知道",
)  # fmt: skip
SHORTEST_DESCRIPTION = 2

_NO_REDO = re.compile("(?:不用|不要|不必|不需要|无需|别)再?(?:重做|改一下)")
_ABOUT_THE_ADDRESS = re.compile(
    r"(?:邮箱|邮件|地址|email)[^@,。;!?\n]{0,8}?(?:改一下|不对|不行|重做)|改一下[^,。;!?\n]{0,6}?(?:邮箱|邮件|地址|email)"
)
_PARTICLES = re.compile(r"[\s\W_]|[啊呀吧呢哦哈嘛了的哎唉诶]")
_NO_WISH = re.compile("退款|退钱|多久|什么时候|啥时候|好了[吗没]")  # a description never asks for these
_DELIVERY_TALK = re.compile("[改做弄]好|直接|邮箱|邮件|地址|email|qq|这个|[发到我给是就算请]")

# Content may be asked for, denied, or tied to a condition or a wish: then the bot decides.
_CONTENT = re.compile(r"可以|满意|没问题|就这样|(?<![a-z])ok+(?:ay|ok)*(?![a-z])")
_QUESTION = re.compile(r"\?|吗|么$|没$|没有$|可不可以|能不能|有没有|是不是|怎么|什么时候|啥时候|多久")
_DENIED = re.compile(
    r"(?:不|没有?|别|未|not\s)(?:太|大|很|是|够|算|能|要|上|怎么|怎样|那么|特别|非常|十分)*(?:可以|满意|就这样|ok)"
)
_CONDITION = re.compile(
    r"(?:可以|满意|没问题|ok)了?(?:的话|[再把帮改换加去删调弄修亮暗退])|但|不过|就是(?!这样)|只是|除了|一点|一些|稍微|如果|要是"
)

_MAILBOX = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@"
_WHOLE_ADDRESS = _MAILBOX + r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
_ADDRESS = re.compile(_WHOLE_ADDRESS)
_HALF_ADDRESS = re.compile(_MAILBOX + r"[a-z0-9.-]*|@[a-z0-9-]+\.[a-z.]+", re.IGNORECASE)
_WRONG_ADDRESS = re.compile(
    rf"不是\s*{_WHOLE_ADDRESS}|{_WHOLE_ADDRESS}\s*(?:这个)?(?:邮箱|地址)?\s*(?:不对|不行|错了|写错)"
)
_AT = re.compile(r"\s*(?:@|艾特)\s*")
_QQ_NUMBER = re.compile(r"(?<!\d)[1-9]\d{4,10}(?!\d)")
_TYPOS = (".con", ".cmo", ".comm", ".cpm", ".vom")
_CLAUSE = re.compile(r"[,。;!?、\s]+")
_NUMBER = r"([一二三四五六七八九十两]|\d{1,2})(?!\d)"
_ORDINAL = re.compile(rf"第\s*{_NUMBER}\s*[张个幅]|图\s*{_NUMBER}(?![下样点些会起角])|^\s*{_NUMBER}\s*号?\s*$")
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}


class Mood(StrEnum):
    """What the customer's words mean while a preview lies before them."""

    REFUSAL = "refusal"
    ADDRESS = "address"
    DOUBTFUL_ADDRESS = "doubtful_address"
    CONTENT = "content"
    OTHER = "other"


class Reading(BaseModel):
    """What was read out of a message."""

    mood: Mood
    address: str | None = None
    description: str = ""  # what is to be changed, where the words say so
    picture: int | None = None  # 第二张 is 2


def read_operation(words: str) -> Operation | None:
    """Return what the words ask for; no words at all mean an enhancement, unknown ones None."""
    text = "".join(_plain(words).split())
    if not _PARTICLES.sub("", text):
        return Operation.ENHANCE
    for operation, signs in OPERATION_WORDS:
        if any(sign in text for sign in signs) or (operation is Operation.RESIZE and read_size(words)):
            return _more_than_layers(text) if operation is Operation.LAYERED else operation
    return None


def _more_than_layers(text: str) -> Operation:
    cut_out = any(sign in text for sign in CUT_OUT_WORDS)
    return Operation.REMOVE_BG_AND_LAYER if cut_out else Operation.LAYERED


def read(words: str) -> Reading:
    """Read the customer's word about a preview: refusal first, then an address, then content."""
    text = _heard(words)
    address = find_address(text)
    if _is_refusal(text):
        return Reading(mood=Mood.REFUSAL, address=address, description=describe(words), picture=_picture_refused(text))
    if address:
        return Reading(mood=Mood.ADDRESS, address=address)
    if _is_doubtful_address(text):
        return Reading(mood=Mood.DOUBTFUL_ADDRESS)
    return Reading(mood=Mood.CONTENT if _is_content(text) else Mood.OTHER, picture=find_picture(text))


def describe(words: str) -> str:
    """Return the words, without addresses, where they describe a change: two characters or more beside the rest."""
    said = without_addresses(words)
    rest = _plain(said).replace("不对称", "歪斜")  # 不对称 holds 不对, yet describes
    rest = _NO_REDO.sub("", _ABOUT_THE_ADDRESS.sub("", rest))
    if _NO_WISH.search(rest):
        return ""
    for phrase in (*NO_REFUSALS, *REFUSAL_WORDS):
        rest = rest.replace(phrase, "")
    for pattern in (_ORDINAL, _DENIED, _CONTENT, _DELIVERY_TALK, _PARTICLES):
        rest = pattern.sub("", rest)
    return "" if len(rest) < SHORTEST_DESCRIPTION or _FILLERS.fullmatch(rest) else said


def find_address(words: str) -> str | None:
    """Return the e-mail address in the words, in lower case; none where it looks mistyped or there are several."""
    found = {match[0].lstrip("._%+-") for match in _ADDRESS.finditer(_heard(words))}
    address = found.pop() if len(found) == 1 else ""
    return None if address.startswith("@") or address.endswith(_TYPOS) else address or None


def without_addresses(words: str) -> str:
    """Return the words without e-mail addresses, whole or half: no model needs to know them."""
    narrowed = _narrow(words)
    return _HALF_ADDRESS.sub("", narrowed).strip() if _HALF_ADDRESS.search(narrowed) else words.strip()


def find_picture(words: str) -> int | None:
    """Return which picture the words are about, counted from 1; none where they name several."""
    numbers = {_number(match) for match in _ORDINAL.finditer(words)}
    return numbers.pop() if len(numbers) == 1 else None


def _number(match: re.Match[str]) -> int:
    word = next(group for group in match.groups() if group)
    return int(word) if word.isdigit() else _DIGITS[word]


def _narrow(words: str) -> str:
    """Full-width forms narrowed, a spoken @ written."""
    return _AT.sub("@", unicodedata.normalize("NFKC", words))


def _plain(words: str) -> str:
    return _narrow(words).lower()


def _heard(words: str) -> str:
    """The plain words without addresses that are said to be wrong."""
    return _WRONG_ADDRESS.sub("@", _plain(words))


def _is_refusal(text: str) -> bool:
    for phrase in NO_REFUSALS:
        text = text.replace(phrase, "")
    text = _NO_REDO.sub("", _ABOUT_THE_ADDRESS.sub("", text))
    return any(word in text for word in REFUSAL_WORDS)


def _is_content(text: str) -> bool:
    doubts = (_QUESTION, _DENIED, _CONDITION)
    return bool(_CONTENT.search(text)) and not any(doubt.search(text) for doubt in doubts) and not _names_several(text)


def _names_several(text: str) -> bool:
    return bool(_ORDINAL.search(text)) and find_picture(text) is None


def _picture_refused(text: str) -> int | None:
    """第一张可以,第二张不行 is about the second: the clause that refuses names it, else the whole."""
    refusing = [clause for clause in _CLAUSE.split(text) if _is_refusal(clause)]
    return find_picture(" ".join(refusing)) or find_picture(text)


def _is_doubtful_address(text: str) -> bool:
    if _HALF_ADDRESS.search(text):
        return True
    stripped = _PARTICLES.sub("", text)
    return bool(_QQ_NUMBER.fullmatch(stripped) or ("qq" in text and _QQ_NUMBER.search(text)))


_FILLERS = re.compile(f"(?:{'|'.join(sorted({_PARTICLES.sub('', word) for word in NO_DESCRIPTIONS}))})+")
