"""Sizes of ID photographs, and how large and where the head must be in each."""

import re
from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class IdPhoto:
    """An ID photograph in millimetres: its size, the head from chin to crown, and the space above the crown."""

    width: float
    height: float
    head: Range
    above: Range

    @property
    def best_head(self) -> float:
        """The head that suits best, as a share of the height."""
        return sum(self.head) / 2 / self.height

    @property
    def best_above(self) -> float:
        """The space above the crown that suits best, as a share of the height."""
        return sum(self.above) / 2 / self.height


# Sources: the National Immigration Administration's photo guide (passport, visa, travel permit), GA 482 (driving
# licence), GA 461 (identity card), travel.state.gov (USA), ICAO 9303 (Schengen, Korea), gov.uk, mofa.go.jp. One and two
# inches have no rule of their own: the figures are what photo shops use.
ID_PHOTOS = {
    "小一寸": IdPhoto(22, 32, head=(19, 22), above=(2, 4)),
    "大一寸": IdPhoto(33, 48, head=(28, 33), above=(3, 5)),
    "小二寸": IdPhoto(35, 45, head=(27, 32), above=(1.5, 5.5)),
    "一寸": IdPhoto(25, 35, head=(20, 23), above=(1, 5)),
    "二寸": IdPhoto(35, 49, head=(28, 32), above=(1.5, 7)),
    "passport": IdPhoto(33, 48, head=(28, 33), above=(3, 5)),
    "licence": IdPhoto(22, 32, head=(19, 22), above=(2, 4)),
    "id_card": IdPhoto(26, 32, head=(19, 22), above=(0.5, 1.5)),
    "visa_us": IdPhoto(51, 51, head=(25.5, 35), above=(2, 8)),
    "visa_schengen": IdPhoto(35, 45, head=(32, 36), above=(2, 5)),
    "visa_uk": IdPhoto(35, 45, head=(29, 34), above=(3, 7)),
    "visa_japan": IdPhoto(35, 45, head=(32, 36), above=(2, 6)),
    "visa_korea": IdPhoto(35, 45, head=(32, 36), above=(2, 5)),
}
INCHES = ("小一寸", "大一寸", "小二寸", "一寸", "二寸")
DOCUMENTS = {
    "visa_us": "美国签证|美签",
    "visa_schengen": "申根签证|申根|欧洲签证",
    "visa_uk": "英国签证|英签",
    "visa_japan": "日本签证|日签",
    "visa_korea": "韩国签证|韩签",
    "passport": "护照|港澳通行证|通行证|中国签证",
    "licence": "驾驶证|驾照",
    "id_card": "身份证|社保卡",
}
_MAKE = r"(?:做|改|裁|换|弄|调|剪|制作|调整|处理)(?:成|个|张|一张|一个|为|出)"
_PHOTO = r"(?:用|用的|的|证件)?(?:照片|照|相片|相)"


def named_document(words: str) -> str:
    """Return the document whose photograph is asked for, or nothing.

    A document that is only mentioned does not count: 护照照片太模糊 may be a picture of a passport.
    """
    for name, said in DOCUMENTS.items():
        asked = rf"{_MAKE}(?:{said}){_PHOTO}|(?:{said})(?:{_PHOTO})?(?:的|要求的)?(?:尺寸|规格|大小|标准)"
        if re.search(asked, words):
            return name
    return ""
