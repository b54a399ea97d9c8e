"""The API documentation page: Swagger UI from a package, since FastAPI's loads scripts from other hosts."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from string import Template

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

PAGES = Path(__file__).parent / "pages"
SWAGGER = Path(str(files("fastapi_swagger") / "resources"))
SOURCES = {
    "begin.js": PAGES / "begin.js",
    "swagger-ui.css": SWAGGER / "swagger-ui.css",
    "swagger-ui-bundle.js": SWAGGER / "swagger-ui-bundle.js",
}
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
CACHE_FOREVER = "public, max-age=31536000, immutable"  # file names contain a hash of their content
# Swagger UI sets styles on elements, and draws its icons from data: addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class StaticAsset:
    """A file that is sent plain or compressed."""

    data: bytes
    media_type: str
    compressed: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compressed", gzip.compress(self.data, mtime=0))

    def answer(self, request: Request, **headers: str) -> Response:
        """Return the response, compressed if the client accepts that."""
        headers = {"Vary": "Accept-Encoding"} | {name.replace("_", "-"): value for name, value in headers.items()}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.data, headers=headers, media_type=self.media_type)
        return Response(self.compressed, headers=headers | {"Content-Encoding": "gzip"}, media_type=self.media_type)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return the page."""
    page, _ = await asyncio.to_thread(_page_and_parts)
    return page.answer(request, Content_Security_Policy=POLICY)


@router.get("/docs/{name}")
async def part(request: Request, name: str) -> Response:
    """Return a script or style sheet of the page, cacheable for ever."""
    _, parts = await asyncio.to_thread(_page_and_parts)
    if name not in parts:
        raise HTTPException(404)
    return parts[name].answer(request, Cache_Control=CACHE_FOREVER)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    if not hasattr(request.app.state, "document"):
        text = json.dumps(request.app.openapi(), ensure_ascii=False)
        request.app.state.document = StaticAsset(text.encode(), "application/json")
    document: StaticAsset = request.app.state.document
    return document.answer(request)


@cache
def _page_and_parts() -> tuple[StaticAsset, Mapping[str, StaticAsset]]:
    """Read and compress the files; takes a tenth of a second, so it is done once."""
    parts, names = {}, {}
    for source, path in SOURCES.items():
        data = path.read_bytes()
        named = f"{path.stem}.{sha256(data).hexdigest()[:12]}{path.suffix}"
        names[path.stem.replace("-", "_") + path.suffix.replace(".", "_")] = named
        parts[named] = StaticAsset(data, TYPES[Path(source).suffix])
    page = Template((PAGES / "docs.html").read_text(encoding="utf-8")).substitute(names)
    return StaticAsset(page.encode(), "text/html; charset=utf-8"), parts
