"""What free words ask for, and of which picture: the words of the trade without talk, addresses and ordinals."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

# Money, time and payment: talk that asks for no change of a picture.
_TALK = re.compile(
    "多少钱?|[啥什]么?价[格位钱]?|怎么收费|怎么算|收费|价格|报价|便宜一?点?|少一?点|少收|优惠一?点?|打折|包邮|贵|几块钱?|退款|退钱|开?发票|钱(?:已经?|都|刚)?[付转](?:你|给你)?"
    "|多久|(?:什么|啥)时[候间]|几时|几点|几天|好了[吗没]|发货"
    "|(?:已经?|刚刚?)?(?:付款|付钱|付过|付好|付了|支付|拍下|已拍|拍了|拍好|下单|转账|转了|买了)"
)
CONTENT = re.compile(r"可以|满意|没(?:有|啥|什么)?问题|就这样|(?<![a-z])ok+(?:ay|ey|ok)*(?![a-z])")
DENIED = re.compile(
    r"(?:不|没有?|别|未|not\s)"
    r"(?:太|大|很|是|够|算|能|要|上|让|令|人|我|说|觉得|怎么|怎样|那么|特别|非常|十分){0,4}(?:可以|满意|就这样|ok)"
)
# 发 is to send, but not in 头发 and 发黄.
_DELIVERY = re.compile(
    "[改做弄]好|直接|邮箱|邮件|地址|email|qq|这个|(?<!头)发(?![黄白暗红灰青绿蓝虚型际丝质])|[到我给是就算请]"
)
PARTICLES = re.compile(r"[\s\W_]|[啊呀吧呢哦哈嘛了的哎唉诶啦噢喔嘿呵嘻哇哟呐嘞哒滴呗]")
_SMALL_TALK = (
    "嗯", "恩", "好", "行", "对", "稍等", "等等", "等下", "等一下", "等会", "等会儿", "一会", "一会儿", "待会", "晚点",
    "稍后", "回头", "马上", "在吗", "在不在", "在", "有人吗", "人", "收", "说", "谢谢", "谢", "感谢", "多谢", "辛苦",
    "麻烦", "不客气", "知道", "明白", "看看", "看一下", "看下", "想想", "想一下", "你好", "您好", "hello", "hi",
    "哈喽", "嗨", "早", "早上好", "上午好", "中午好", "下午好", "晚上好", "亲", "亲爱", "老板", "老板娘", "师傅",
    "客服", "美女", "帅哥", "小哥哥", "小姐姐", "大神", "大佬", "你", "您", "你们", "们", "问", "问下", "问一下", "能",
    "能不能", "可不可以", "大概", "一般", "需要", "要", "想", "一张", "两张", "三张", "几张", "一共", "总共", "这",
    "那", "那个", "这张", "那张", "图", "图片", "照片", "张", "吗", "么", "今天", "明天", "后天", "今晚", "晚上",
    "下午", "上午", "现在", "尽快", "快点", "快一点", "快", "急", "加急", "赶紧", "抓紧", "怎么", "这么", "那么",
    "为什么", "太", "有点", "还", "也", "都", "会", "只要", "只做", "只", "帮", "帮忙",
)  # fmt: skip
_NAMELESS_WORK = (
    "再", "重新", "一次", "一遍", "一下", "下", "全部", "全", "所有", "整体", "效果", "感觉", "觉得", "好像", "真",
    "真是", "非常", "很", "完全", "实在", "明显", "改", "修", "p", "弄", "做", "调", "搞", "处理", "修改", "哪里",
    "哪", "看", "看起来", "看着", "得", "不", "没", "没有", "不用", "不需要", "随便", "行", "看着办", "看着改", "挺",
    "外面", "开车", "上班", "下班", "这样", "有", "问题", "地方", "个", "幅", "和", "跟", "一点", "点",
)  # fmt: skip

_MAILBOX = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@"
WHOLE_ADDRESS = _MAILBOX + r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"
HALF_ADDRESS = re.compile(_MAILBOX + r"[a-z0-9.-]*|@[a-z0-9-]+\.[a-z.]+", re.IGNORECASE)
_AT = re.compile(r"\s{0,4}(?:@|艾特)\s{0,4}")

_NUMBER = r"(?:[二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九两]|\d{1,2})(?![\d一二三四五六七八九十])"
_AND = r"\s{0,2}(?:和|跟|与|及|以及|还有|[、,\uff0c&+])?\s{0,2}"
# 第二张, 图3, P4, several in a row; but no 第一个人, 图1寸 or P2张.
# And none that another is only likened to, made from or set apart from: 用第二张的背景, 跟第一张一样, 除了第一张.
_ORDINALS = (
    "(?<![像照按比成考除])(?<!除了)(?<!(?<!不)用)(?<![和跟与同](?=.{0,12}?(?:一样|一致|相同|差太多|差不多|统一|换)))"
    rf"(?:(?<!倒数)第\s{{0,2}}{_NUMBER}(?:(?:\s?[张个幅])?{_AND}第\s{{0,2}}{_NUMBER}|{_AND}{_NUMBER}){{0,9}}"
    r"\s{0,2}[张个幅](?!人|问题|地方|字|要求|点|方案|版本)"
    rf"|(?<![抠扣修去])图\s{{0,2}}{_NUMBER}(?:{_AND}图?\s?{_NUMBER}){{0,9}}"
    r"(?!\s?(?:[下样点些会起角张个幅寸倍x×*k%.维次]|[cm]m|px|mb|dpi|像素))"
    r"|(?<![a-z0-9])p[1-9](?![\da-z张个只条岁寸掉]))"
)
ORDINAL = re.compile(rf"{_ORDINALS}|^\s*{_NUMBER}\s*号?\s*$", re.IGNORECASE)
_NAMED = re.compile(_ORDINALS, re.IGNORECASE)
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)} | {"两": 2}

# A clause ends at punctuation and before the next picture, unless that is spoken of within it: 把人P到第二张里.
_WITHIN = "用到换在往进入放是要给为"
_SPOKEN_OF = (
    rf"(?:(?<!放)在(?:{_ORDINALS})(?:图片|照片)?(?:里面?|上面?|中)?的?"
    rf"|[把将给对]?(?:{_ORDINALS})(?:图片|照片|图(?![层案标]))?的?)"
)
_SUBJECT = re.compile(_SPOKEN_OF, re.IGNORECASE)
_SEPARATOR = r"[,\uff0c。;\uff1b!\uff01?\uff1f、:\uff1a~\s]+"
_BREAK = re.compile(rf"(?P<picture>(?<![{_WITHIN}]){_SPOKEN_OF})|(?P<separator>{_SEPARATOR})", re.IGNORECASE)
_FOR_ALL = re.compile(
    r"^(?:[这那]?(?:[一两俩二三四五六七八九十几]|\d{1,2}|每一?|各)\s?[张幅]|所有|全|统一|一律|[这那]些|(?:图片?|照片)都"
    r"|都(?:要|需要|给|帮|[p抠换去变修做弄改加调]))"
    "|其[他它余]|剩下|别的|另外?[一两][张个]|最后一?张|倒数|[前后]面?[两三四几]?张"
)
_NOTHING_ELSE = re.compile("只|就要|仅")

_LINK = re.compile(r"链接|网盘|云盘|下载地址|(?<![a-z])link(?![a-z])")
_BROKEN = re.compile("打不开|点不开|进不去|失效|过期")
_OTHER_THINGS = re.compile("邮|图|附件|文件")
_NO_MAILBOX = re.compile(
    r"(?<!有)(?:没有?|无|不用|不要|不想用?)(?:电子)?(?:邮箱|e-?mail)(?!吗|收)"
    r"|(?:不想|不方便|不愿意?|不)(?:给|留|发|填|提供)(?:你)?(?:电子)?邮箱"
)
# A link that is out already, or another one than ours.
_OTHER_LINK = re.compile(
    r"下不了|下载不|用不了|打不开|点不开|进不去|失效|过期|有效|错|不对|不行|看不到|找不到"
    r"|收到|看到|看了|点了|打开|密码|提取码|保存|下载[了好完]|下好|里的|里面|安全|病毒|什么|哪|怎么|多久|好了|可以了|发了[吗没]|呢|在|没用"
    r"|(?:[发给]的|过来的|[这那]个?|刚才的?|之前的?|上[面次]的?|(?<!给)(?<!发)你的?)(?:下载)?链接"
    r"|(?:不要|不用|别|不需要)(?:再?发)?(?:下载)?(?:链接|网盘)|(?:付款|支付|商品|店铺|购买|下单|拍下)的?链接"
)


class Wish(BaseModel):
    """What a customer asks for before payment."""

    text: str
    picture: int | None = None  # counted from 1; none where all are meant


class Clause(BaseModel):
    """A part of a message that speaks of the same pictures throughout."""

    separator: str  # what stands before it
    text: str
    pictures: list[int]


def wishes(words: str) -> list[Wish]:
    """Return what the words ask for, split per picture; talk of money, time and payment asks for nothing."""
    stretches: list[tuple[list[int | None], str]] = []
    meant: list[int | None] = [None]
    for clause in clauses(without_addresses(words)):
        meant = [*clause.pictures] or ([None] if _FOR_ALL.search(clause.text) else meant)
        text = _asked_in(clause)
        if text and stretches and stretches[-1][0] == meant and not clause.pictures:
            stretches[-1] = (meant, stretches[-1][1] + clause.separator + text)
        elif text:
            stretches.append((meant, text))
    return [Wish(text=text, picture=picture) for pictures, text in stretches for picture in pictures]


def wants_link(words: str) -> bool:
    """Whether the customer asks for a link to download from instead of a mail.

    One to look at the preview is none, and neither is talk about a link that is out already.
    """
    parts = [clause.text for clause in clauses(plain(words))]
    about = [part for part in parts if _LINK.search(part)]
    broken = any(_BROKEN.search(part) and not _OTHER_THINGS.search(part) for part in parts)
    if broken or HALF_ADDRESS.search(plain(words)) or any(_OTHER_LINK.search(part) or "看" in part for part in about):
        return False
    return bool(about) or any(_NO_MAILBOX.search(part) for part in parts)


def _asked_in(clause: Clause) -> str:
    """The clause without its ordinal where that leaves something to say; 只要第二张 says it with the ordinal."""
    bare = clause.text
    if len(_NAMED.findall(bare)) == 1:
        bare = _SUBJECT.sub("", bare).lstrip("都也的 ").rstrip("和跟与 ")
    if _says_something(bare):
        return bare
    return clause.text if clause.pictures and _NOTHING_ELSE.search(clause.text) else ""


def _says_something(text: str) -> bool:
    rest = without_talk(plain(text))
    return bool(rest) and not SMALL_TALK.fullmatch(rest)


def without_talk(text: str) -> str:
    """Return what is left of plain words without ordinals, money, time, content, delivery, particles, punctuation."""
    for pattern in (_NAMED, _TALK, DENIED, CONTENT, _DELIVERY, PARTICLES):
        text = pattern.sub("", text)
    return text


def clauses(words: str) -> Iterator[Clause]:
    """Cut a message into clauses: at punctuation and where another picture is spoken of."""
    begun, separator = 0, ""
    for found in _BREAK.finditer(words):
        if text := words[begun : found.start()]:
            yield Clause(separator=separator, text=text, pictures=find_pictures(text))
        separator = (found["separator"] or "") if text or found["separator"] else separator
        begun = found.end() if found["separator"] else found.start()
    if text := words[begun:]:
        yield Clause(separator=separator, text=text, pictures=find_pictures(text))


def find_picture(words: str) -> int | None:
    """Return which picture the words are about, counted from 1; none where they name several."""
    pictures = find_pictures(words, ORDINAL)
    return pictures[0] if len(pictures) == 1 else None


def find_pictures(words: str, ordinal: re.Pattern[str] = _NAMED) -> list[int]:
    """Return the pictures that the words name, each once."""
    numbers = [_number(word[0]) for match in ordinal.finditer(words) for word in re.finditer(_NUMBER, match[0])]
    return list(dict.fromkeys(numbers))


def _number(word: str) -> int:
    tens, ten, ones = word.rpartition("十")
    return int(word) if word.isdigit() else (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def without_addresses(words: str) -> str:
    """Return the words without e-mail addresses, whole or half: no model needs to know them."""
    narrowed = narrow(words)
    return HALF_ADDRESS.sub("", narrowed).strip() if HALF_ADDRESS.search(narrowed) else words.strip()


def narrow(words: str) -> str:
    """Return the words with full-width forms narrowed and a spoken @ written."""
    return _AT.sub("@", unicodedata.normalize("NFKC", words))


def plain(words: str) -> str:
    """Return the words narrowed, in lower case."""
    return narrow(words).lower()


def any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for words made of these phrases only; it never looks back, so it takes no time."""
    return f"(?:{'|'.join(sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase)))})++"


SMALL_TALK = re.compile(any_of(_SMALL_TALK))
NO_DESCRIPTION = re.compile(any_of((*_SMALL_TALK, *_NAMELESS_WORK)))
