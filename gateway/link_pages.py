"""HTML pages behind download links: the download page of a finished file, and error pages."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse

from domain.texts.catalogue import TEXTS, Language, Texts

FOLDER = "/d/"
_PAGES = Path(__file__).parent / "pages"
_FRAME = Template((_PAGES / "link.html").read_text(encoding="utf-8"))
_STYLE = (_PAGES / "link.css").read_text(encoding="utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_FILE = Template("""\
    <figure><img src="$preview" alt="$alt"></figure>
    <div class="text">
      <h1>$name</h1>
      <p class="faint">$facts</p>
      <form method="post"><button>$button</button></form>
      <p class="faint">$note</p>
    </div>""")
_FAILURE = Template("""\
    <div class="text">
      <h1>$title</h1>
      <p>$advice</p>
    </div>""")
SAID = {404: "gone", 429: "too_fast", 503: "away"}


def language_of(request: Request) -> Language:
    """Return the reader's preferred language by Accept-Language; Chinese by default."""
    named = [item.strip().partition(";q=") for item in request.headers.get("accept-language", "").lower().split(",")]
    by_taste = sorted(named, key=lambda item: -_weight(item[2]))
    liked: list[Language] = ["en" if tag.startswith("en") else "zh" for tag, _, _ in by_taste if tag[:2] in TEXTS]
    return liked[0] if liked else "zh"


def _weight(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0


def of_file(request: Request, name: str, size: int | None, preview: str, leads_to: str) -> HTMLResponse:
    """Return the page of a finished file; its button redirects to `leads_to`."""
    language = language_of(request)
    texts = TEXTS[language]
    facts = [name.rpartition(".")[2].upper(), *([_size(size)] if size else [])]
    main = _FILE.substitute(
        preview=escape(preview),
        alt=escape(texts.text("page.preview")),
        name=escape(name),
        facts=escape(" · ".join(facts)),
        button=escape(texts.text("page.download")),
        note=escape(texts.text("page.note")),
    )
    return _page(language, texts.text("page.title", {"name": name}), main, {_origin(preview), _origin(leads_to)})


def is_wanted(request: Request) -> bool:
    """Whether the client prefers an HTML page, as browsers do; programs ask for JSON."""
    return request.scope["path"].startswith(FOLDER) and "json" not in request.headers.get("accept", "").lower()


def of_failure(request: Request, status: int) -> HTMLResponse:
    """Return the page that explains in the reader's language why a link does not work."""
    language = language_of(request)
    texts: Texts = TEXTS[language]
    said = SAID.get(status, "failed")
    title, advice = texts.text(f"page.{said}"), texts.text(f"page.{said}_advice")
    page = _page(language, title, _FAILURE.substitute(title=escape(title), advice=escape(advice)), set())
    page.status_code = status
    return page


def _page(language: Language, title: str, main: str, storage: set[str]) -> HTMLResponse:
    html = _FRAME.substitute(lang={"zh": "zh-CN"}.get(language, language), title=escape(title), style=_STYLE, main=main)
    origins = " ".join(sorted(storage))  # browsers also check the redirect target of a form
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data: {origins}; "
        f"form-action 'self' {origins}; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Vary": "Accept, Accept-Language"})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(1, size / 1e3):.0f} KB"  # noqa: PLR2004 - 0.1 MB
