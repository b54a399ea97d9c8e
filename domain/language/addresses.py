"""Finds e-mail addresses in messages: either certain, or doubtful and asked about. Never takes part of one."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from domain.language.folding import HIDDEN, Folded, fold
from domain.language.grammar import Chart
from domain.language.lexicon import lexicon
from domain.language.pictures import NAMED

WHOLE, DOUBTFUL = "\ue000", "\ue002"  # private-use characters that replace an address in folded text
_ATOM = r"a-z0-9!#$%&'*+/=?^_`{|}~.\-"  # RFC 5322, and the dots between atoms
# No backtracking (possessive), so that a long word without an @ is fast.
_TOKEN = re.compile(rf"(?<![{_ATOM}{HIDDEN}])[{_ATOM}{HIDDEN}]*+(?:[ \t]{{0,4}}@[ \t]{{0,4}})[{_ATOM}{HIDDEN}@]*")
_SPOKEN_AT = re.compile(r"\s{0,4}(?:艾特|爱特|圈a(?![a-z])|小老鼠|[(\[]at[)\]])\s{0,4}")
_USUAL = re.compile(r"[a-z0-9](?:[a-z0-9._%+'-]*[a-z0-9_-])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_ANY = re.compile(rf"[{_ATOM}]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{{2,}}")
_LONGEST = 254
_FILE = re.compile(r"@\d+x|\.(?:png|jpe?g|gif|webp|psd|svg|tiff?|pdf|zip|rar|7z|mp4|heic|ai|cdr|bmp)$")
_ONLY_COM = re.compile(
    r"@(?:qq|163|126|139|foxmail|gmail|hotmail)\.(?!com$)|@(?:qqq|qqcom|qp|q|pp|1633|1263|16|12|13)\."
)
_BEFORE = re.compile(r"[a-z0-9](?:\s*(?:点|下划线|横杠|短杠|杠|减号|中划线|横线|空格)\s*|[·•・‧。])$")
_AFTER = re.compile(
    r"\s*(?:[点,，。·•、]|\s)\s*(?:com|cn|net|con|org|hk)(?![a-z0-9])|[\u4e00-\u9fff]{1,6}\.[a-z]{2,3}(?![a-z])"
)
_BROKEN_END = re.compile(r"\s[a-z]{1,2}(?![a-z0-9])")  # lily@qq.c om
_WORDS_BEFORE = re.compile(r"[a-z0-9][a-z0-9'.\s]*[\s,;:、，]*$")
_NAME_BEFORE = re.compile(r"\w{1,8}$")  # 王@qq.com
_LATIN = "abcdefghijklmnopqrstuvwxyz0123456789._%+-"
_QQ_NUMBER = r"(?<![\d.])[1-9]\d{4,10}(?![\d.])"
_QQ = re.compile("qq|扣扣|q号|企鹅号|邮箱|email")
_NUMBER = re.compile(rf"{_QQ_NUMBER}(?!\s*[元块岁张个年月])")
_ALONE = re.compile(rf"[\W_啊呀吧呢哦哈嘛了的啦]*(?P<number>{_QQ_NUMBER})[\W_啊呀吧呢哦哈嘛了的啦]*")
_HALF = re.compile(rf"(?<![{_ATOM}])[{_ATOM}]++@[a-z0-9.-]*|@[a-z0-9-]+\.[a-z.]+", re.IGNORECASE)


class Marked(NamedTuple):
    """Folded text in which one character replaces each address, and the certain addresses in order."""

    words: Folded
    addresses: list[str]


class _Found(NamedTuple):
    begin: int
    end: int
    address: str  # empty for a doubtful one


def mark(words: Folded) -> Marked:
    """Replace each address by a placeholder, and drop hidden characters elsewhere."""
    words = words.replaced((*at.span(), "@") for at in _SPOKEN_AT.finditer(words.text))
    found = [*_tokens(words.text)] or [*_bare_numbers(words.text)]
    words = words.replaced((token.begin, token.end, WHOLE if token.address else DOUBTFUL) for token in found)
    words = words.replaced((*hidden.span(), "") for hidden in re.finditer(HIDDEN, words.text))
    return Marked(words, [token.address for token in found if token.address])


def _tokens(text: str) -> Iterator[_Found]:
    end = 0
    for match in _TOKEN.finditer(text):
        token = match[0].lstrip(f"!#$%&'*+/=?^`{{|}}~.-{HIDDEN}").rstrip(f"!#$%&'*+/=?^`{{|}}~.-_{HIDDEN}")
        begin = match.start() + match[0].find(token)
        if _is_none(token):
            continue
        reach, last = _reach(text, end, begin, token), begin + len(token)
        goes_on = _AFTER.match(text, last)
        address = token if reach == begin and not goes_on and is_usual(token) else ""
        goes_on = goes_on or (None if address else _BROKEN_END.match(text, last))
        end = goes_on.end() if goes_on else last
        yield _Found(reach, end, address)


def _is_none(token: str) -> bool:
    """Whether a token is no address: a mention (@老板) or a file name (logo@2x.png)."""
    local, _, host = (part.strip() for part in token.partition("@"))
    return (not host and not local) or not (local or "." in host) or bool(_FILE.search(token))


def is_usual(token: str) -> bool:
    """Whether this is a complete, ordinary address without an apparent typo in its domain."""
    if not _USUAL.fullmatch(token) or len(token) > _LONGEST or ".." in token or "''" in token:
        return False
    return not _is_mistyped(token)


def _known(names: str) -> frozenset[str]:
    return lexicon().words[names].words


def _is_mistyped(address: str) -> bool:
    host = address.rpartition("@")[2]
    name, _, ending = host.rpartition(".")
    label = name.rpartition(".")[2]
    return ending not in _known("endings") or bool(_ONLY_COM.search(address)) or _is_nearly(label)


def _is_nearly(label: str) -> bool:
    """Whether this is a well-known provider with one typo."""
    known = _known("providers")
    return label not in known | _known("much_alike") and any(_slips(label, provider) for provider in sorted(known))


def _slips(one: str, other: str) -> bool:
    if len(one) == len(other):
        wrong = [place for place in range(len(one)) if one[place] != other[place]]
        is_swap = len(wrong) == 2 and one[wrong[0] : wrong[1] + 1] == other[wrong[0] : wrong[1] + 1][::-1]  # noqa: PLR2004
        return len(wrong) == 1 or is_swap
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def _reach(text: str, first: int, begin: int, token: str) -> int:
    """Return the start of an address, which may extend left of its token: 12 345@qq.com, wang·li@qq.com."""
    reach = begin
    while before := _BEFORE.search(text, first, reach):
        reach = len(text[: before.start() + 1].rstrip(_LATIN)) if before.start() >= first else first
        reach = max(reach, first)
    words = (_NAME_BEFORE if token.startswith("@") else _WORDS_BEFORE).search(text, first, reach)
    if words and not _is_said(text, words, token):
        reach = words.start()
    return reach


def _is_said(text: str, words: re.Match[str], token: str) -> bool:
    """Whether the letters and digits before an address are separate words: ok li@qq.com, 图2 li@qq.com."""
    said = words[0].strip(" \n\t\r,;:、，")
    is_picture = any(named.end() >= words.start() + len(said) for named in NAMED.finditer(text, 0, words.end()))
    if (said.isdigit() and token[:1].isdigit()) or (token.startswith("@") and said.isascii()):
        return False
    return is_picture or Chart(lexicon(), said.replace("\n", " ")).cover() is not None


def _bare_numbers(text: str) -> Iterator[_Found]:
    """Find QQ numbers, which are doubtful addresses."""
    if alone := _ALONE.fullmatch(text):
        yield _Found(*alone.span("number"), "")
        return
    for match in _NUMBER.finditer(text) if _QQ.search(text) else ():
        yield _Found(*match.span(), "")


def exact_address(words: str) -> str | None:
    """Return the address that is the whole text: any that RFC 5322 allows; None if apparently mistyped."""
    address = fold(words.strip()).text
    if not _ANY.fullmatch(address) or len(address) > _LONGEST or _is_mistyped(address):
        return None
    local = address.rpartition("@")[0]
    return None if local.startswith(".") or local.endswith(".") or ".." in local else address


def without_addresses(words: str) -> str:
    """Return the text without e-mail addresses or parts of them, which models do not need."""
    narrowed = _SPOKEN_AT.sub("@", re.sub(r"\s{0,4}@\s{0,4}", "@", unicodedata.normalize("NFKC", words)))
    return _HALF.sub("", narrowed).strip() if _HALF.search(narrowed) else words.strip()
