"""Finds the operation that a request asks for. Only meaningful for texts that request something."""

import re

from domain.language.folding import HIDDEN, fold
from domain.language.lexicon import lexicon
from domain.vocabulary.pictures import Operation
from domain.vocabulary.sizes import read_size

# Most specific first. A text that matches nothing is left to the analysis, never silently enhanced.
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
# 改成一寸 and 换个大小 change only the size.
_NO_EDIT = re.compile(
    r"[改换](?:成|个)(?=尺寸|大小|\d|[大小]?[一二两五六]寸|高清|清晰|护照|驾照|驾驶证|通行证|身份证照|..签证|申根)"
)
# 不用抠图 asks not to cut out; 不要水印 asks to remove the watermark.
_NOT_WANTED = re.compile(
    "(?:不用|不需要|无需|不必|不要|别)(?:再|做|给我)?(?:抠图|扣图|分层|去背景?|换背景|换底色?|修复|瘦脸|去水印|换个?背景)"
)
CUT_OUT_WORDS = ("背景", "透明")
_NO_WORDS = re.compile(r"(?:[\s\W_]|[啊呀吧呢哦哈嘛了的哎唉诶啦噢喔嘿呵嘻哇哟呐嘞哒滴呗])*")


def read_operation(words: str) -> Operation | None:
    """Return the operation asked for; ENHANCE for an empty text, None for one that is not understood."""
    text = _NOT_WANTED.sub("", "".join(_plain(words).split()))
    if _NO_WORDS.fullmatch(text):
        return Operation.ENHANCE
    for operation, signs in OPERATION_WORDS:
        said = _NO_EDIT.sub("", text) if operation is Operation.EDIT else text
        if any(sign in said for sign in signs) or (operation is Operation.RESIZE and read_size(words)):
            return _more_than_layers(text) if operation is Operation.LAYERED else operation
    return None


def _plain(words: str) -> str:
    text = fold(words).text.replace(HIDDEN, "")
    for said, meant in lexicon().dialect:
        text = text if said.isascii() else text.replace(said, meant)
    return text


def _more_than_layers(text: str) -> Operation:
    cut_out = any(sign in text for sign in CUT_OUT_WORDS)
    return Operation.REMOVE_BG_AND_LAYER if cut_out else Operation.LAYERED
