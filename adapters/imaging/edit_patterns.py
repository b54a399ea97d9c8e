"""Patterns, Chinese and English, for the edits that OpenCV can really do. Each pattern covers a whole clause.

A capturing group is a colour; of two, the second is the wanted one. Text that no pattern covers is not understood.
"""

COLOURS = {
    "粉红": "pink", "白": "white", "红": "red", "蓝": "blue", "灰": "grey", "黑": "black", "绿": "green", "粉": "pink",
    "white": "white", "red": "red", "blue": "blue", "grey": "grey", "gray": "grey", "black": "black",
    "green": "green", "pink": "pink",
}  # fmt: skip
_COLOUR = "(?:纯色?|正)?(粉红|[白红蓝灰黑绿粉])色?"
_BACK = "(?:(?:照片|图片|证件照|图|人物)的?)?(?:背景颜色|背景色|背景|底色|底)的?"
_BACKED = "的?(?:背景颜色|背景色|背景|底色|底)"
_INTO = "(?:(?:换|改|变|弄|做|调|设|处理)(?:成|为|作|到|个|一个)?|用|要|来个)(?:一个|个)?"
_NOT = "(?:不要|别要|别用|不用|不想要)(?:再用|用)?"

_SOME = "(?:一点点|一点儿|一点|一些|点儿|点|些)"
_MORE = "(?:再|更|稍微|稍|略|适当|整体)*"
_ALL = "(?:(?:这张|整张|整个|整体|全图)?的?(?:照片|图片|相片|片子|画面|图)?的?(?:整体)?)"
_TOO = "(?:太过|太|过于|过|有点太|有点儿|有点|有些|这么|那么)"
_NOT_SO = "(?:不要|别|不用)再?(?:这么|那么)"
_UP, _DOWN = "(?:提高|增加|加大|加强|增强|调高|提升|拉高)", "(?:降低|减少|减小|减弱|调低|拉低)"
_HIGH, _LOW = "[高大强]", "[低小弱]"


def _more(nouns: str, adjective: str, opposite: str) -> list[str]:
    """Return patterns that ask for more of an adjective, or complain about its opposite."""
    return [
        f"{_ALL}{nouns}{_MORE}{adjective}{_SOME}",
        f"{_ALL}{nouns}不够{adjective}",
        f"{_ALL}{nouns}(?:{_TOO}|{_NOT_SO}){opposite}",
    ]


def _measure(noun: str, verb: str, adjective: str, opposite: str) -> list[str]:
    """Return patterns that ask to raise or lower a measure, or complain about it."""
    return [
        f"{_MORE}{verb}{_SOME}?{noun}{_SOME}?",
        f"{_ALL}{noun}{_MORE}(?:{verb}{_SOME}?|{adjective}{_SOME})",
        f"{_ALL}{noun}(?:{_TOO}|{_NOT_SO}){opposite}",
        f"{_ALL}{noun}不够{adjective}",
    ]


_LIGHT, _CONTRAST, _SATURATION = "亮度", "对比度?", "(?:颜色|色彩)?饱和度?"
_STAYS = "(?:保持)?(?:不变|不动|不要动|别动|不用动|别改|不要改)"
_TEMPERATURE, _PAINT = "(?:色调|颜色|色温)?", "(?:颜色|色彩)?"
CHINESE: dict[str, list[str]] = {
    "background": [
        f"{_BACK}{_INTO}?{_COLOUR}(?:{_BACKED})?的?",
        f"(?:{_ALL}{_INTO})?(?:证件照)?{_COLOUR}{_BACKED}的?(?:证件照|照片|照|图片)?",
        f"{_COLOUR}{_BACKED}{_INTO}{_COLOUR}(?:{_BACKED})?的?",
        f"{_BACK}(?:去掉|去除|抠掉)(?:了|,)?{_INTO}{_COLOUR}(?:{_BACKED})?的?",
        f"{_BACK}[从由]{_COLOUR}{_INTO}{_COLOUR}",
    ],
    "its colour": [f"(?:{_INTO})?{_COLOUR}的?"],  # if a background was mentioned just before
    "some background": [f"{_INTO}{_BACK}", f"(?:去掉|去除|抠掉|去)(?:原来的|原)?{_BACK}", f"{_BACK}(?:去掉|去除|抠掉)"],
    "a cut-out": ["抠图"],
    "no background": [f"{_BACK}{_NOT}{_COLOUR}的?", f"{_NOT}{_COLOUR}{_BACKED}"],
    "brighter": [
        *_more("(?:光线)?", "(?:明亮|亮)", "暗"),
        f"{_MORE}[调提变加弄]亮{_SOME}?",
        *_measure(_LIGHT, _UP, _HIGH, _LOW),
    ],
    "darker": [
        *_more("(?:光线)?", "暗", "亮"),
        f"{_MORE}[调压变弄]暗{_SOME}?",
        *_measure(_LIGHT, _DOWN, _LOW, _HIGH),
    ],
    "contrast": _measure(_CONTRAST, _UP, _HIGH, _LOW),
    "flatter": _measure(_CONTRAST, _DOWN, _LOW, _HIGH),
    "warmer": [*_more(_TEMPERATURE, "暖(?:色调?)?", "冷"), f"{_INTO}暖色调?"],
    "cooler": [*_more(_TEMPERATURE, "冷(?:色调?)?", "暖"), f"{_INTO}冷色调?"],
    "vivid": [*_more(_PAINT, "(?:鲜艳|艳)", "(?<=[色彩]太)淡"), *_measure(_SATURATION, _UP, _HIGH, _LOW)],
    "muted": [*_more(_PAINT, "(?<=[色彩])淡", "(?:鲜艳|艳)"), *_measure(_SATURATION, _DOWN, _LOW, _HIGH)],
    "monochrome": [f"{_ALL}{_INTO}黑白(?:照片|照|图|效果|风格|色)?的?", f"{_ALL}黑白效果"],
    "the rest stays": [f"(?:其他|其它|别的|其余)(?:的|地方|部分)?[都全]?{_STAYS}"],
    "the subject stays": [
        f"(?:[白红蓝灰黑绿粉]色?的?)?(?:人物|人像|人|主体|产品|商品|衣服|头发|脸|五官|表情|姿势)都?{_STAYS}"
    ],
    "no more than asked": [
        "(?:不要|别|不用|不需要)(?:磨皮|美颜|瘦脸|变形|裁剪)",
        "(?:不要|别|不用|不需要)(?:p掉|去掉|去除|删掉|抹掉)(?:痣|痘痘|皱纹|斑|字|文字|水印|logo)",
    ],
    "complaint": ["(?:这个|这张|效果|颜色|感觉|还是)*(?:不对|不行|不满意|重做|重新做|改一下|改改|修改|调整|调)"],
}  # fmt: skip

_IT = "(?:it|this|the (?:photo|image|picture|colou?rs?))"
_MAKE, _BIT = f"(?:make {_IT} )?", "(?:a (?:little )?bit |a little |slightly |some )?"
_TO = "(?: colou?r)?(?: to| into| in| should be| must be)?"
_COL = "(white|red|blue|gr[ea]y|black|green|pink)"


def _english(more: str, too: str, noun: str = "", verb: str = "") -> list[str]:
    """Return patterns that ask for more, by adjective or verb, or complain about too much of the opposite."""
    complaint = f"(?:{_IT}(?:'s| is| are| looks?) )?(?:a (?:little )?bit |a little )?too (?:{too})"
    ways = [f"{_MAKE}{_BIT}(?:{more})(?: a (?:little )?bit| a little)?", complaint]
    return [*ways, f"{verb} (?:the )?{noun}(?: a (?:little )?bit| a little)?"] if verb else ways


_RAISE, _LOWER = "(?:increase|raise|boost|more|higher)", "(?:decrease|reduce|lower|less)"
ENGLISH: dict[str, list[str]] = {
    "background": [
        f"(?:(?:change|make|switch|set|turn) )?(?:the |my )?background{_TO}(?: an?)?(?: pure| plain| solid)? {_COL}",
        f"(?:(?:use|with|on|i want) )?(?:an? |the )?(?:pure |plain |solid )?{_COL}(?: colou?r)? background",
    ],
    "brighter": [
        *_english("brighter", "dark", "brightness", _RAISE),
        f"brighten(?: {_IT})?(?: up)?(?: a (?:little )?bit)?",
    ],
    "darker": [*_english("darker", "bright", "brightness", _LOWER), f"darken(?: {_IT})?(?: a (?:little )?bit)?"],
    "contrast": _english("contrastier", "flat", "contrast", _RAISE),
    "flatter": _english("flatter", "contrasty", "contrast", _LOWER),
    "warmer": _english("warmer", "cold|cool"),
    "cooler": _english("cooler|colder", "warm"),
    "vivid": _english("more (?:vivid|saturated)", "dull|pale", "saturation", _RAISE),
    "muted": _english("less (?:vivid|saturated)", "vivid|saturated", "saturation", _LOWER),
    "monochrome": [f"(?:make|turn|change|convert)(?: {_IT})?(?: in)?(?: ?to)? (?:black-and-white|monochrome)"],
    "the rest stays": ["(?:keep |leave )?everything else (?:unchanged|the same|as it is)", "change nothing else"],
}  # fmt: skip

# Filler around a wish, or alone, that does not change its meaning. `*+` is possessive: backtracking over a long line of
# fillers would try more combinations than time allows.
_POLITE = "请|麻烦|帮忙|帮我|帮|给我|您|你|亲|老师|师傅|谢谢|多谢|感谢|辛苦|你好|您好|在吗|好的|好|嗯|行|ok|不好意思"
_WANT = "可不可以|能不能|可以|能|我们?|想要?|希望|需要|那就|那|就|先|然后|再|还是|还要|顺便|也|只|把|将|直接"
_PLEASE = "(?:please|pls|can you|could you|just|hi|hello|i want to|i'd like to) "
_ENDS = "吧|哦|噢|啊|呀|哈|呢|吗|嘛|了|谢谢|就行|就好|就可以|即可|可以|好|行|一下| (?:please|pls|thanks|thank you)"
BEFORE, AFTER = f"(?:{_POLITE}|{_WANT}|{_PLEASE})*+", f"(?:{_ENDS})*+"
TALK = f"(?:{_POLITE}|{_ENDS})++|please|thanks|thank you|hi|hello"
# A question is a wish only if it asks politely for something, not whether it is so.
QUESTION, REQUEST = (
    "[?吗嘛]|么$",
    "能|可以|可不可以|好吗|行吗|麻烦|帮|请|can you|could you|would you|will you|please|pls",
)
NUMBERED = "第[一二三四五六七八九十0-9]+张的?|[这那]张的?"
