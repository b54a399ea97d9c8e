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
    (Operation.REMOVE_BG, ("去背", "抠图", "透明")),
    (Operation.EDIT, ("换底色", "去水印", "p掉", "换背景", "去掉", "加上", "换成", "改成", "删掉")),
    (Operation.RESIZE, ("尺寸", "大小", "缩放")),
    (Operation.ENHANCE, ("模糊", "清晰", "高清", "变清", "高分辨率")),
)
CUT_OUT_WORDS = ("背景", "透明")

REFUSAL_WORDS = ("不好", "不对", "不满意", "重做", "改一下", "差太多", "不行", "效果不好", "颜色不对")
NO_REFUSALS = ("不好意思", "不对称", "没有不满意", "没不满意", "不行再说", "还不行再", "有什么不对再")
CONTENT_WORDS = ("可以", "满意", "没问题", "就这样", "ok")
NO_DESCRIPTIONS = (
    "嗯",
    "嗯嗯",
    "好",
    "好的",
    "好吧",
    "稍等",
    "等一下",
    "好了吗",
    "好了没",
    "在吗",
    "收到",
    "谢谢",
    "哦",
    "行",
)
SHORTEST_DESCRIPTION = 2

_ABOUT_THE_ADDRESS = re.compile(r"(邮箱|邮件|地址|email)[^,。;!?\n]{0,8}?(改一下|不对|不行|重做)", re.IGNORECASE)
_PARTICLES = re.compile(r"[\s\W_]|[啊呀吧呢哦哈嘛了的哎唉诶]")
_QUESTION = re.compile(r"[??]|吗|么$|不可以|可不可以")
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)
_HALF_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9.-]*", re.IGNORECASE)
_QQ_NUMBER = re.compile(r"(?<!\d)[1-9]\d{4,10}(?!\d)")
_TYPOS = (".con", ".cmo", ".comm", ".cpm", ".vom")
_ORDINAL = re.compile(r"第\s*([一二三四五六七八九十两\d]{1,2})\s*[张个幅]")
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
    text = _plain(words)
    if not _PARTICLES.sub("", text):
        return Operation.ENHANCE
    for operation, signs in OPERATION_WORDS:
        if any(sign in text for sign in signs) or (operation is Operation.RESIZE and read_size(text)):
            return _more_than_layers(text) if operation is Operation.LAYERED else operation
    return None


def _more_than_layers(text: str) -> Operation:
    cut_out = any(sign in text for sign in CUT_OUT_WORDS)
    return Operation.REMOVE_BG_AND_LAYER if cut_out else Operation.LAYERED


def read(words: str) -> Reading:
    """Read the customer's word about a preview: refusal first, then an address, then content."""
    text = _plain(words)
    address = find_address(text)
    refused = _refusals_in(text)
    if refused:
        return Reading(mood=Mood.REFUSAL, address=address, description=describe(words), picture=find_picture(text))
    if address:
        return Reading(mood=Mood.ADDRESS, address=address)
    if _is_doubtful_address(text):
        return Reading(mood=Mood.DOUBTFUL_ADDRESS)
    if any(word in text for word in CONTENT_WORDS) and not _QUESTION.search(text):
        return Reading(mood=Mood.CONTENT)
    return Reading(mood=Mood.OTHER, picture=find_picture(text))


def describe(words: str) -> str:
    """Return the words where they describe a change: two characters or more beside refusals and particles."""
    rest = _ADDRESS.sub("", _mask(_plain(words)))
    for word in sorted(REFUSAL_WORDS, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = _PARTICLES.sub("", _ORDINAL.sub("", rest))
    is_filler = rest in NO_DESCRIPTIONS or _PARTICLES.sub("", _plain(words)) in NO_DESCRIPTIONS
    return "" if len(rest) < SHORTEST_DESCRIPTION or is_filler else _ADDRESS.sub("", words).strip()


def find_address(words: str) -> str | None:
    """Return the e-mail address in the words, in lower case; none where it looks mistyped."""
    match = _ADDRESS.search(_plain(words))
    if not match or match[0].endswith(_TYPOS):
        return None
    return match[0]


def find_picture(words: str) -> int | None:
    """Return which picture the words are about, counted from 1."""
    match = _ORDINAL.search(words)
    if not match:
        return None
    return int(match[1]) if match[1].isdigit() else _DIGITS.get(match[1])


def _plain(words: str) -> str:
    """Full-width forms narrowed, lower case, a spoken @ written."""
    return unicodedata.normalize("NFKC", words).lower().replace("艾特", "@")


def _mask(text: str) -> str:
    for phrase in NO_REFUSALS:
        text = text.replace(phrase, "")
    return _ABOUT_THE_ADDRESS.sub("", text)


def _refusals_in(text: str) -> list[str]:
    masked = _mask(text)
    return [word for word in REFUSAL_WORDS if word in masked]


def _is_doubtful_address(text: str) -> bool:
    if _HALF_ADDRESS.search(text):
        return True
    stripped = _PARTICLES.sub("", text)
    return bool(_QQ_NUMBER.fullmatch(stripped) or ("qq" in text and _QQ_NUMBER.search(text)))
