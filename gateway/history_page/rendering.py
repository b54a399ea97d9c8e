"""Renders the page's templates in the reader's language, with a content security policy."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.texts.catalogue import LANGUAGES, Language, Texts, flat
from gateway import link_pages
from gateway.history_page import assets, figures, pictures

FOLDER = Path(__file__).parent
TEXTS: Mapping[Language, Texts] = {
    language: Texts(flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))
    for language in LANGUAGES
}
TOLD_BY_SCRIPTS = (
    "selection.", "bin.", "find.", "saved.", "live.", "failure.", "pager.", "viewer.at", "viewer.zoomed",
    "viewer.where", "status.", "total", "signed_out.refused",
)  # fmt: skip
HEADERS = {"Vary": "Accept-Language, Cookie, HX-Request, HX-Target", "Referrer-Policy": "same-origin"}


def is_fragment(request: Request) -> bool:
    """Whether a script of the page asks, not a person who opens an address."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def target(request: Request) -> str:
    """Return the id of the element that the answer replaces; '' if there is none."""
    return request.headers.get("hx-target", "").partition("#")[2]


def texts_of(request: Request) -> Texts:
    """Return the texts in the reader's language."""
    return TEXTS[link_pages.language_of(request)]


def today(request: Request) -> date:
    """Return the shop's day."""
    return datetime.now(ZoneInfo(request.state.timezone)).date()


def render(request: Request, template: str, status: int = 200, storage: str = "", **values: Any) -> HTMLResponse:
    """Return a template as a response; `storage` is the origin that images of the page may come from."""
    html = _environment().get_template(template).render(**_names(request), **values)
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {storage}; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, status, headers={**HEADERS, "Content-Security-Policy": policy})


def _names(request: Request) -> dict[str, Any]:
    texts, zone = texts_of(request), ZoneInfo(request.state.timezone)
    day = today(request)
    language = link_pages.language_of(request)
    return {
        "language": {"zh": "zh-CN"}.get(language, language),
        "texts": {key: text for key, text in texts.texts.items() if key.startswith(TOLD_BY_SCRIPTS)},
        "say": lambda key, **said: texts.text(key, said),
        "assets": assets.ASSETS.address,
        "today": day,
        "number": figures.number,
        "percent": figures.percent,
        "duration": partial(figures.duration, texts),
        "day_name": lambda which: figures.day_name(texts, which, day),
        "day_of": lambda which: figures.day_of(texts, which, day),
        "moment": lambda at: figures.moment(texts, at.astimezone(zone), day),
        "clock": lambda at: f"{at.astimezone(zone):%H:%M}",
        "day_at": lambda at: at.astimezone(zone).date(),
        "shown": pictures.of_task,
        "is_fragment": is_fragment(request),
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
