"""Splits a text into clauses and classifies each; a clause that is not understood is `unknown`."""

import re
from itertools import pairwise
from typing import NamedTuple

from pydantic import BaseModel

from domain.language.addresses import Marked, mark
from domain.language.folding import Folded, fold
from domain.language.grammar import FILLER, Chart, Piece
from domain.language.lexicon import lexicon
from domain.language.pictures import ALONE, begins_another, find_pictures

UNKNOWN, QUESTION = "unknown", "question"
MOST_WORDS, LONGEST_STRETCH = 600, 120  # characters; anything longer is not read
_SEPARATOR = re.compile(r"[,，。;!！?？\n\r…]+|(?<![0-9])\.{2,}|(?<=[a-z])\.(?=\s|$)|~{2,}")
_ASKED = re.compile(r"(?:[吗么没否]|没有|了不|好不)[啊呀呢哈哦亲\W]*$")
_ALREADY_ASKED = re.compile(r"[了过好完到](?:吗|么|没|没有|嘛)[啊呀呢哈哦亲\W]*$")
_CONDITION = re.compile(
    r"如果|要是|假如|万一|除非|倘若|的话|(?<![比跟和如没])(?:之前|以前|上次|上回)|(?<!到)时候|等.{1,8}再|[^一]再决定"
    r"|[了好完]再发(?!一)|(?:合适|满意|可以|没问题|行|ok|好)就(?:给我)?发|(?:好|满意)了就?发"
    r"|吗还是|.还是.{1,6}(?:好看|合适|更?好)$|我[和跟与及]\ue000|要不要|[你您们]觉得|换.{1,10}(?:怎么样|如何)"
)
_STANDS = frozenset(
    {"description", "refusal", "leave", "complaint", "person", "doubtful", "link", "resend", "question", "money"}
)
# In clauses not otherwise understood, these still alert staff. A false alarm only holds the order.
_SAYS = frozenset({"refusal", "wrong", "description", "content", "no_change"})
_DENIED = "(?<![不没别])" + "".join(
    f"(?<!{denied})" for denied in ("不会", "不用", "不要", "不给", "不想", "没想", "不是", "没要", "无需")
)
_ALARMS = (
    ("leave", re.compile(f"{_DENIED}(?:退款|退钱|退单|退货|取消订单|不做了|不想要了)|refund|money back")),
    ("complaint", re.compile(f"{_DENIED}(?:投诉|举报|差评|骗子|骗人|骗钱|黑店|12315|消协|垃圾(?!桶)|傻逼)|scam|fraud")),
    (
        "person",
        re.compile(f"{_DENIED}(?:转人工|找人工|真人(?=客服|来|跟|吗|回)|人工客服|叫你们|找你们(?:老板|领导|经理))"),
    ),
)


class Clause(BaseModel):
    """A part of a message with one meaning."""

    text: str  # as it was written
    kind: str
    pictures: list[int]
    separator: str = ""  # what precedes it, as it was written
    said: str = ""  # as it was read (folded)


class _Stretch(NamedTuple):
    begin: int
    end: int
    separator: str
    is_asked: bool


def read_clauses(words: str) -> tuple[list[Clause], list[str]]:
    """Return the clauses of a text, and its certain addresses in order."""
    marked = _without_dialect(mark(fold(words)))
    stretches = _joined(marked.words.text, _stretches(marked.words))
    clauses = [clause for stretch in stretches for clause in _clauses(marked.words, stretch)]
    return clauses, marked.addresses


def _without_dialect(marked: Marked) -> Marked:
    words = marked.words
    for said, meant in lexicon().dialect:
        pattern = rf"(?<![a-z]){re.escape(said)}(?![a-z])" if said.isascii() else re.escape(said)
        words = words.replaced((*found.span(), meant) for found in re.finditer(pattern, words.text))
    return Marked(words, marked.addresses)


def _stretches(words: Folded) -> list[_Stretch]:
    text, begin, separator = words.text, 0, ""
    found: list[_Stretch] = []
    for cut in [*_SEPARATOR.finditer(text), None]:
        end = cut.start() if cut else len(text)
        is_asked = bool(cut and ("?" in cut[0]))
        if text[begin:end].strip() or is_asked:
            found.append(_Stretch(begin, end, separator, is_asked))
        separator = words.as_written(*cut.span()) if cut else ""
        begin = cut.end() if cut else end
    return found


def _joined(text: str, stretches: list[_Stretch]) -> list[_Stretch]:
    """Join lines that only make sense together: 把背景 and 换成白色."""
    joined: list[_Stretch] = []
    for line in stretches:
        if joined and "\n" in line.separator and not line.separator.strip():
            both = _Stretch(joined[-1].begin, line.end, joined[-1].separator, line.is_asked)
            is_torn = not (_is_known(text, joined[-1]) and _is_known(text, line))
            if is_torn and _is_known(text, both):
                joined[-1] = both
                continue
        joined.append(line)
    return joined


def _is_known(text: str, stretch: _Stretch) -> bool:
    return all(piece.kind not in {UNKNOWN, QUESTION} for piece in _cover(text, stretch))


def _clauses(words: Folded, stretch: _Stretch) -> list[Clause]:
    pieces = _cover(words.text, stretch)
    clauses = [
        _clause(words, piece, stretch.separator if number == 0 else _between(words, pieces, number))
        for number, piece in enumerate(pieces)
    ]
    return clauses or ([_clause(words, Piece(QUESTION, stretch.end, stretch.end), "")] if stretch.is_asked else [])


def _between(words: Folded, pieces: list[Piece], number: int) -> str:
    return words.as_written(pieces[number - 1].end, pieces[number].begin)


def _clause(words: Folded, piece: Piece, separator: str) -> Clause:
    said = words.text[piece.begin : piece.end]
    return Clause(
        text=words.as_written(piece.begin, piece.end), kind=piece.kind, separator=separator, said=said,
        pictures=find_pictures(said),
    )  # fmt: skip


def _cover(text: str, stretch: _Stretch) -> list[Piece]:
    """Return the pieces of a stretch, or a single unknown one if the lexicon does not cover all of it."""
    said = text[stretch.begin : stretch.end].replace("\n", " ")
    pieces = [Piece("picture", 0, len(said))] if ALONE.match(text) else None
    if pieces is None and _is_readable(text, said):
        pieces = _known(said)
        pieces = None if pieces and _is_torn(pieces) else pieces
    if pieces is None:
        kind = _alarm(said) or (QUESTION if stretch.is_asked or _ASKED.search(said) else UNKNOWN)
        pieces = [Piece(kind, 0, len(said))]
    elif stretch.is_asked or _ALREADY_ASKED.search(said):
        pieces = [piece if piece.kind in _still(said) else piece.of(QUESTION) for piece in pieces]
    pieces = [piece.of(QUESTION) if _is_asked_about(piece, pieces) else piece for piece in pieces]
    return [piece.moved(stretch.begin) for piece in pieces]


def _is_torn(pieces: list[Piece]) -> bool:
    """Whether a vague word directly continues the piece before it: 手机不好用 does not mean 手机不好."""
    return any(
        second.kind == "vague" and first.end == second.begin and first.kind in _SAYS
        for first, second in pairwise(pieces)
    )


def _is_asked_about(piece: Piece, pieces: list[Piece]) -> bool:
    """Whether a question follows directly: 重做要加钱吗 is no refusal, 抠图多少钱 no wish."""
    follows = next((other for other in pieces if other.begin == piece.end), None)
    return (
        piece.kind in {"refusal", "description"} and follows is not None and follows.kind in {QUESTION, "money", "time"}
    )


def _still(said: str) -> frozenset[str]:
    """Return the classes that a question keeps: asking for a change still requests it, asking about one does not."""
    return _STANDS - {"description"} if _ALREADY_ASKED.search(said) else _STANDS


def _is_readable(text: str, said: str) -> bool:
    return len(text) <= MOST_WORDS and len(said) <= LONGEST_STRETCH and not _CONDITION.search(said)


def _known(said: str) -> list[Piece] | None:
    """Cover each part of a stretch that begins with another picture; if that fails, the stretch as a whole."""
    cuts = [found.start() for found in begins_another().finditer(said) if found.start()]
    pieces: list[Piece] | None = []
    for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
        part = Chart(lexicon(), said[begin:end]).cover()
        pieces = None if part is None or pieces is None else pieces + [piece.moved(begin) for piece in part]
    if pieces is None and cuts:
        pieces = Chart(lexicon(), said).cover()
    return None if pieces is None else [piece for piece in pieces if piece.kind != FILLER]


def _alarm(said: str) -> str:
    return next((kind for kind, sign in _ALARMS if sign.search(said)), "")
