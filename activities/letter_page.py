"""The layout of the delivery e-mail: a card with a row per file, and plain text. It loads nothing remote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """\
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f3f4f6; }
.ground { background: #f3f4f6; } .paper { background: #ffffff; } .ink { color: #1f2329; } .faint { color: #5b6472; }
.line { border-top: 1px solid #e5e7eb; } .button { background: #0f766e; color: #ffffff; }
img { border: 0; display: block; width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  body, .ground { background: #111418 !important; } .paper { background: #1c2127 !important; }
  .ink { color: #e8eaed !important; } .faint { color: #a9b2bd !important; }
  .line { border-top-color: #343b44 !important; } .button { background: #2dd4bf !important; color: #06201d !important; }
}
"""
FONT = "font-family: -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'


@dataclass(frozen=True)
class Thumbnail:
    """An inline thumbnail and its caption."""

    cid: str
    words: str


@dataclass(frozen=True)
class FilePart:
    """What the e-mail says about one file."""

    name: str
    facts: Sequence[str]
    url: str
    button: str
    thumbnails: Sequence[Thumbnail] = ()


@dataclass(frozen=True)
class LetterPage:
    """Everything the e-mail says."""

    shop: str
    greeting: str
    how: str
    files: Sequence[FilePart]
    links_live: str
    closing: str
    about: str

    @property
    def text(self) -> str:
        """The e-mail as plain text."""
        parts = [self.greeting, self.how, *map(_text_of, self.files), self.links_live, self.closing, self.about]
        return "\n\n".join(parts) + "\n"

    @property
    def html(self) -> str:
        """The e-mail as HTML for mail programs: tables, inline styles, nothing remote."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<meta name="color-scheme" content="light dark">'
        yield f"<title>{escape(self.shop)}</title><style>{STYLE}</style></head>"
        yield f'<body class="ground" style="{FONT}"><div style="display: none; max-height: 0; overflow: hidden">'
        yield f"{escape(self.how)}</div>"
        yield f'{TABLE} class="ground"><tr><td align="center" style="padding: 24px 12px">'
        yield f'{TABLE} class="paper" style="max-width: 600px; border-radius: 12px; text-align: left">'
        yield _row(f'<h1 class="ink" style="margin: 0; font-size: 20px">{escape(self.shop)}</h1>', top=24)
        yield _row(_paragraph(self.greeting, size=16) + _paragraph(self.how))
        yield from map(_html_of, self.files)
        yield _row(_paragraph(self.links_live, "faint") + _paragraph(self.closing), rule=True)
        yield _row(_paragraph(self.about, "faint", size=12), bottom=24)
        yield "</table></td></tr></table></body></html>"


def _text_of(file: FilePart) -> str:
    return "\n".join([file.name, *file.facts, f"{file.button}: {file.url}"])


def _html_of(file: FilePart) -> str:
    facts = "".join(_paragraph(fact, "faint") for fact in file.facts)
    name = f'<p class="ink" style="margin: 12px 0 0; font-weight: bold; word-break: break-all">{escape(file.name)}</p>'
    button = (
        f'<a class="button" href="{escape(file.url)}" style="display: inline-block; margin: 12px 0 4px; '
        f'padding: 12px 24px; border-radius: 8px; font-weight: bold; text-decoration: none">{escape(file.button)}</a>'
    )
    return _row(_pair(file.thumbnails) + name + facts + button, rule=True)


def _pair(thumbnails: Sequence[Thumbnail]) -> str:
    """Return the thumbnails side by side, equally wide."""
    if not thumbnails:
        return ""
    cells = "".join(
        f'<td width="50%" valign="top" style="padding: 0 4px"><img src="cid:{one.cid}" alt="{escape(one.words)}" '
        f'width="260" style="border-radius: 8px">{_paragraph(one.words, "faint", size=13)}</td>'
        for one in thumbnails
    )
    return f'{TABLE} style="margin: 0 -4px; table-layout: fixed"><tr>{cells}</tr></table>'


def _row(content: str, *, top: int = 12, bottom: int = 12, rule: bool = False) -> str:
    kind = ' class="line"' if rule else ""
    return f'<tr><td{kind} style="padding: {top}px 24px {bottom}px">{content}</td></tr>'


def _paragraph(words: str, kind: str = "ink", size: int = 14) -> str:
    lines = "<br>".join(escape(line) for line in words.splitlines())
    return f'<p class="{kind}" style="margin: 4px 0; font-size: {size}px; line-height: 1.6">{lines}</p>'
