"""Reading a customer's words: the operation they want, a refusal, an address, content, a yes.

When in doubt the reading is `OTHER`: the bot, which understands more, decides.
"""

import re
from enum import StrEnum

from pydantic import BaseModel

from domain.pictures import Operation
from domain.sizes import read_size
from domain.wishes import (
    CONTENT,
    DENIED,
    HALF_ADDRESS,
    NO_DESCRIPTION,
    ORDINAL,
    PARTICLES,
    WHOLE_ADDRESS,
    any_of,
    clauses,
    find_picture,
    find_pictures,
    plain,
    without_addresses,
    without_talk,
)

__all__ = [
    "Mood", "Reading", "describe", "find_address", "find_picture", "is_yes", "read", "read_operation",
    "without_addresses",
]  # fmt: skip

# Most specific first. Words that match nothing are a request for the analysis, never silently an enhancement.
OPERATION_WORDS: tuple[tuple[Operation, tuple[str, ...]], ...] = (
    (Operation.VECTORIZE, ("矢量", "svg", "ai格式")),
    (Operation.LAYERED, ("分层", "psd")),
    (Operation.FIX_OLD_PHOTO, ("老照片", "修复", "发黄", "破损")),
    (Operation.REMOVE_BG, ("去背", "抠图", "扣图", "抠出", "抠像", "透明", "去掉背景", "去除背景")),
    (Operation.EDIT, (
        "换底", "换背景", "换个", "换成", "改成", "改字", "水印", "p掉", "去掉", "去除", "去路人", "去痘", "祛痘",
        "瘦脸", "去痣", "去斑", "去字", "删掉", "删除", "加上", "加个", "加一", "加字", "换衣", "换颜色", "改颜色",
    )),
    (Operation.RESIZE, ("尺寸", "大小", "缩放")),
    (Operation.ENHANCE, ("模糊", "清晰", "高清", "变清", "高分辨率")),
)  # fmt: skip
# 改成一寸 and 换个大小 change no more than the size.
_NO_EDIT = re.compile(r"[改换](?:成|个)(?=尺寸|大小|\d|[大小]?[一二两五六]寸|高清|清晰)")
CUT_OUT_WORDS = ("背景", "透明")

SHORTEST_DESCRIPTION = 2
_REFUSAL = re.compile("效果不好|颜色不对|不满意|差太多|改一下|不好|不对|不行|重做")
_BAD = "(?:不满意|不好|不对|不行)"
_THE_OTHERS = re.compile("其[他它余]|别的|剩下|除了|[以之]外")
_NO_REDO = re.compile(
    "(?:不用|不要|不必|不需要|无需|别)再?(?:重做|改一下)|(?<!要)不重做"
    r"|(?:不[用要必]?|不需要|无需|别)再?[改修弄调动p]了?(?=$|[\s\W吧谢就啦])"
)
# What only sounds like a refusal: other words, questions, conditions, thanks, the customer's own doings.
_CONDITIONAL = (
    rf"{_BAD}(?:的话|再[说找联叫问]|就(?:算|这样|用))|还不行再|有什么不对再|先[^;。!?\n]{{0,12}}?{_BAD}再"
    rf"|(?:如果|要是|万一|假如|若是|倘若)[^,。;!?\n]{{0,8}}?{_BAD}(?:的话)?[,\s]?"
    r"(?:[就再能帮我你给可以还]{0,6}(?:重做|改一下))?"
    rf"|{_BAD}(?:可以|能|包|给|支持|会)[^,。;!?\s]{{0,4}}[改退修换做][^,。;!?\s]{{0,2}}[吗么]"
)
_NO_REFUSAL = re.compile(
    rf"{_CONDITIONAL}|不好意思|不好(?:[说弄做找搞拍]|改(?!一下)|修(?!改))|不对称|好不好|对不对|行不行|满不满意|{_BAD}[吗么]"
    rf"|没(?:有|什么|有什么|啥|觉得|哪里)?(?:不满意|不好|不对)|不是{_BAD}"
    "|(?:网络?|信号|记性|心情|身体|原[图片][^,。;!?\\s]{0,4}|拍[得的]?)(?:就|也|太)?不好"
    "|(?:喜欢|好看|开心|高兴|激动|感动|漂亮|可爱|完美|忙|急|困)(?:到|[的得])不行"
    rf"|(?:刚才|刚刚|之前|上次|上一?[版次])[^,。;!?\s]{{0,6}}?{_BAD}"
    "(?=.{0,4}(?:现在|这[次回版]).{0,3}(?:可以|满意|没问题|ok))"
    "|自己来?改一下|(?<![帮给替让])我[来去]改一下"
)
_TO = "(?:邮箱|邮件|地址|收件人?|e-?mail|qq号?码?|链接|网盘)"
# Within few characters, and none that speak of a picture: 邮箱里的图不对 is about the picture.
_ABOUT_THE_ADDRESS = re.compile(
    rf"{_TO}(?:[^@,。;!?\s图片色脸景果像]{{0,8}}?|\s)(?:改一下|不对|不行|重做)|改一下[^,。;!?\s]{{0,6}}?{_TO}"
)

# Content may be asked for, denied, lukewarm, or tied to a condition or a wish: then the bot decides.
_QUESTION = re.compile(
    r"\?|吗|[么嘛没不](?=$|[\s\W亲])|没有$|可不可以|能不能|有没有|是不是|[是能可]否|怎么|咋|为什么|为啥|哪|多少"
    r"|(?:什么|啥)时候|多久|几[时点天张]"
)
_CHANGE = re.compile(
    r"再(?!见|来|找|联系|次|也|发|寄)|[了完后]再[发寄]|有[点些](?![急忙事])"
    r"|太(?!可以|满意|好|棒|美|喜欢|感谢|谢谢|漂亮|厉害|赞|快)|偏|不够|不太|不怎么|不是很|稍微|一些"
    r"|(?<![快早晚])一点|[改调换p](?:好|完)|换成|改成|去掉|删掉|加上|但|不过|只是|就是(?!这样)|除了|另外(?!发)"
    r"|[亮暗白黑红黄淡深浅大小高低胖瘦柔锐多少长短粗细]一?点|把(?![^,。;!?\s]{0,6}(?:[发寄传]|给我))|[换删]|瘦脸|[去祛点][掉痘痣斑除]|加[个上字]|[改修调](?![得的好完了])"
    r"|(?<![a-z0-9])p(?:一下|[上掉])"
)
_LUKEWARM = re.compile(
    "如果|要是|的话|除非|还可以|看看|看一?下|勉强|凑合|将就|应该|差点|以为|谈不上|算不上|保证|为止|直到|稍等|等等|等一下|等我"
    r"|等[^,。;!?\s]{0,6}满意|之前|上次|上一|原来"
    "|其[他它余]|剩下|别的|最后一?张|倒数|那[张个幅]|[前后]面?[两三四几]?张|有一张|(?:左|右|上|下)[边面]|中间"
)
# 可以再亮一点 asks; 可以 says content only where it stands alone, or before what goes with it.
_CAN = re.compile(
    r"可以[了的呀啊哦哈啦吧呢嘞滴哒喔]*+"
    r"(?!$|[\s\W]|可以|满意|没|就这|ok|谢|感谢|多谢|辛苦|麻烦|发|直接|微信|收|不错|好|很|非常|挺|老板|亲|我)"
    r"|(?:可以|满意|没问题|就这样|ok)[了的]?(?:给[她他它]|[把帮改换加去删调弄修亮暗退做p])|ok绷"
)

_ADDRESS = re.compile(WHOLE_ADDRESS)
_WRONG_ADDRESS = re.compile(
    rf"(?:不是|(?:不要|别)再?[发寄][到给]?)\s*{WHOLE_ADDRESS}"
    rf"|{WHOLE_ADDRESS}\s*(?:这个)?(?:邮箱|地址)?\s*(?:不对|不行(?!再|的话|就)|不用了|错了|写错)"
)
_NEW_ADDRESS = re.compile(
    rf"(?:{_TO}\w{{0,2}})?[换改](?:成|为|到|发到?|一?个|一下)?\s?(?:{_TO}|{WHOLE_ADDRESS})|{_TO}[换改](?:成|为|了|一?个|一下)?"
)
_HOLD_BACK = re.compile("(?:先|暂时|暂且)(?:别|不要?|不用|不急着?)[发寄]|(?:别|不要)[着急先]*[发寄]")
_QQ_NUMBER = re.compile(r"(?<!\d)[1-9]\d{4,10}(?!\d)")
_QQ = re.compile(r"qq|扣扣|q号|邮箱")
_MISTYPED = re.compile(
    r"\.(?:con|cmo|cpm|vom|xom|ocm|coom|com(?!munity$|pany$|puter$)[a-z]+|cn[a-z]+)$"
    r"|@(?:qq|163|126|139|foxmail|gmail)\.(?!com$)|@(?:gmial|gamil|gmai|gnail|qqq)\."
)

_YES = re.compile(
    any_of((
        "是", "就是", "对", "没错", "嗯", "恩", "好", "行", "可以", "没问题", "发", "发过去", "发到", "就", "还是",
        "这个", "用这个", "邮箱", "要", "确认", "确定", "正确", "ok", "okk", "okay", "yes", "yep", "yeah", "谢谢", "谢",
        "麻烦", "麻烦您", "谢谢您", "辛苦", "辛苦您", "亲",
    ))
)  # fmt: skip
_ONLY_POLITE = re.compile(any_of(("谢谢", "谢", "麻烦", "辛苦", "您", "亲", "邮箱", "就", "还是")))
_OK_SIGNS = re.compile("[👌👍🆗]")


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
    text = "".join(plain(words).split())
    if not PARTICLES.sub("", text):
        return Operation.ENHANCE
    for operation, signs in OPERATION_WORDS:
        said = _NO_EDIT.sub("", text) if operation is Operation.EDIT else text
        if any(sign in said for sign in signs) or (operation is Operation.RESIZE and read_size(words)):
            return _more_than_layers(text) if operation is Operation.LAYERED else operation
    return None


def _more_than_layers(text: str) -> Operation:
    cut_out = any(sign in text for sign in CUT_OUT_WORDS)
    return Operation.REMOVE_BG_AND_LAYER if cut_out else Operation.LAYERED


def read(words: str) -> Reading:
    """Read the customer's word about a preview: refusal first, then an address, then content."""
    text = _heard(words)
    said = plain(without_addresses(text))  # p2@example.com names no picture
    address = find_address(text)
    if _is_refusal(text):
        return Reading(mood=Mood.REFUSAL, address=address, description=describe(words), picture=_picture_refused(said))
    if address and not _HOLD_BACK.search(text):
        mood = Mood.OTHER if _wants_a_change_first(text) else Mood.ADDRESS
        return Reading(mood=mood, address=address, picture=find_picture(said))
    if not address and _is_doubtful_address(text):
        return Reading(mood=Mood.DOUBTFUL_ADDRESS)
    return Reading(mood=Mood.CONTENT if _is_content(text) else Mood.OTHER, picture=find_picture(said))


def describe(words: str) -> str:
    """Return the words, without addresses, where they describe a change: two characters or more beside the rest."""
    said = without_addresses(words)
    text = plain(said)
    if re.search("退款|退钱", text):  # for people to answer, not for another attempt
        return ""
    text = text.replace("不对称", "歪斜")  # 不对称 holds 不对, yet describes
    for pattern in (ORDINAL, _ABOUT_THE_ADDRESS, _NO_REDO, _NO_REFUSAL, _REFUSAL):
        text = pattern.sub("", text)
    rest = without_talk(text)
    return "" if len(rest) < SHORTEST_DESCRIPTION or NO_DESCRIPTION.fullmatch(rest) else said


def find_address(words: str) -> str | None:
    """Return the e-mail address in the words, in lower case; none where it looks mistyped or there are several."""
    found = {match[0].lstrip("._%+-") for match in _ADDRESS.finditer(_heard(words))}
    address = found.pop() if len(found) == 1 else ""
    return None if address.startswith("@") or _MISTYPED.search(address) else address or None


def is_yes(words: str) -> bool:
    """Whether the words say yes to an offer such as 还是发到 w***@example.com 吗, and nothing else."""
    text = _OK_SIGNS.sub("ok", plain(words))
    rest = PARTICLES.sub("", text)
    return not _QUESTION.search(text) and bool(_YES.fullmatch(rest)) and not _ONLY_POLITE.fullmatch(rest)


def _heard(words: str) -> str:
    """The plain words without addresses that are said to be wrong."""
    return _WRONG_ADDRESS.sub("@", plain(words))


def _is_refusal(text: str) -> bool:
    for pattern in (_NO_REFUSAL, _ABOUT_THE_ADDRESS, _NO_REDO):
        text = pattern.sub("", text)
    return bool(_REFUSAL.search(text))


def _wants_a_change_first(text: str) -> bool:
    """再亮一点,改好发a@b.com: nothing is mailed as it is. But another address is no change of a picture."""
    for pattern in (_NEW_ADDRESS, _ABOUT_THE_ADDRESS, _ADDRESS, _NO_REFUSAL, _NO_REDO):
        text = pattern.sub("", text)
    return bool(_CHANGE.search(text) or DENIED.search(text))


def _is_content(text: str) -> bool:
    if not CONTENT.search(text) or re.search(_CONDITIONAL, text) or len(find_pictures(text)) > 1:
        return False
    rest = _NO_REDO.sub("", text)
    return not any(doubt.search(rest) for doubt in (_QUESTION, DENIED, _CHANGE, _LUKEWARM, _CAN))


def _picture_refused(text: str) -> int | None:
    """第一张可以,第二张不行 is about the second; 第一张可以,其他不行 is about none that has a number."""
    parts = list(clauses(text))
    refused = [part for part in parts if _is_refusal(part.text)]
    if any(_THE_OTHERS.search(part.text) for part in refused):
        return None
    named = {number for part in refused for number in part.pictures}
    if not named:
        named = {number for part in parts if not CONTENT.search(part.text) for number in part.pictures}
    return named.pop() if len(named) == 1 else None


def _is_doubtful_address(text: str) -> bool:
    if HALF_ADDRESS.search(text):
        return True
    return bool(_QQ_NUMBER.fullmatch(PARTICLES.sub("", text)) or (_QQ.search(text) and _QQ_NUMBER.search(text)))
