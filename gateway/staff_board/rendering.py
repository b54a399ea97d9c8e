"""Renders the board's templates in the reader's language, with a content security policy."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.texts.catalogue import LANGUAGES, TEXTS, Language, Texts, flat
from domain.texts.phrase import said
from domain.vocabulary.money import figure
from gateway import link_pages
from gateway.staff_board.assets import ASSETS

FOLDER = Path(__file__).parent
OWN: Mapping[Language, Texts] = {
    language: Texts(flat(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))
    for language in LANGUAGES
}
HEADERS = {"Vary": "Accept-Language, Cookie, HX-Request", "Referrer-Policy": "same-origin"}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def render(request: Request, template: str, status: int = 200, storage: str = "", **values: Any) -> HTMLResponse:
    """Return a template as a response; `storage` is the origin that images of the page may come from."""
    html = _environment().get_template(template).render(**_names(request), **values)
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: {storage}; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, status, headers={**HEADERS, "Content-Security-Policy": policy})


def own(request: Request) -> Texts:
    """Return the board's texts in the reader's language."""
    return OWN[link_pages.language_of(request)]


def duration(texts: Texts, time: timedelta) -> str:
    """Return a duration in its largest unit, rounded down: 25 minutes, 3 hours, 2 days."""
    if time < MINUTE:
        return texts.text("seconds", {"count": max(0, time.seconds)})
    if time < HOUR:
        return texts.text("minutes", {"count": int(time / MINUTE)})
    if time < 2 * DAY:
        return texts.text("hours", {"count": int(time / HOUR)})
    return texts.text("days", {"count": time.days})


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as people of the shop read it: without the date today, with the year in another year."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def _names(request: Request) -> dict[str, Any]:
    language = link_pages.language_of(request)
    own_texts, shop, zone, now = OWN[language], TEXTS[language], ZoneInfo(request.state.timezone), datetime.now(UTC)
    return {
        "language": {"zh": "zh-CN"}.get(language, language),
        "say": lambda key, **said: own_texts.text(key, said),
        "name": lambda table, key: shop.name(table, key) if key else "",
        "outcome": lambda key: shop.say(said(f"outcome.{key}"), detail=False) if key else "",
        "texts": {key: text for key, text in own_texts.texts.items() if key.startswith("script.")},
        "assets": ASSETS.address,
        "now": now,
        "moment": lambda at: moment(at, zone, now),
        "ago": lambda at: own_texts.text("ago", {"time": duration(own_texts, now - at)}),
        "duration": lambda time: duration(own_texts, time),
        "span_of": lambda seconds: "—" if seconds is None else duration(own_texts, timedelta(seconds=float(seconds))),
        "percent": lambda part, whole: f"{100 * part / whole:.0f}%" if whole else "—",
        "seconds": lambda milliseconds: f"{milliseconds / 1000:.1f} s",
        "money": lambda amount, currency=None: f"{figure(Decimal(amount))} {currency or ''}".strip(),
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
