"""Shows a simulator's data: as a page for people, as JSON for programs."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.templating import Jinja2Templates

# Everything shown was sent by others: templates escape it, and the policy blocks scripts that get through.
POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
# The chat has a script of its own; what it shows is set as text, never as HTML.
CHAT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' http: https: data: blob:; base-uri 'none'; form-action 'none'"
)
# The designers' desk sends forms, and has a script that keeps it up to date.
DESK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' http: https: data:; base-uri 'none'; form-action 'self'"
)
STATIC = Path(__file__).parents[1] / "static"
SHOP_TIMEZONE = ZoneInfo("Asia/Shanghai")
_templates = Jinja2Templates(Path(__file__).parents[1] / "templates")


def show(request: Request, template: str, data: dict[str, Any], policy: str = POLICY) -> Response:
    """Answer JSON if the path ends in `.json` or JSON is preferred, else the page."""
    if request.url.path.endswith(".json") or request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse(data)
    return _templates.TemplateResponse(request, template, data, headers={"content-security-policy": policy})


def name_in_path(request: Request, parameter: str) -> str:
    """Return a name from the path, without the suffix `.json`."""
    name: str = request.path_params[parameter]
    return name.removesuffix(".json")


def shop_time(at: str) -> str:
    """Return a time of the ledger in the shop's time zone."""
    return datetime.fromisoformat(at).astimezone(SHOP_TIMEZONE).strftime("%Y-%m-%d %H:%M:%S")
