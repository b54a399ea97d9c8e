"""The scripts and the style sheet of the page, cacheable for ever: their address holds a hash of them all."""

import asyncio
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.docs import CACHE_FOREVER, TYPES, StaticAsset

FOLDER = Path(__file__).parent / "static"
PREFIX = "/history/static"
# Only a file of this package is read (locks/files.txt): importing it would need Django.
HTMX = "django_htmx/static/django_htmx/htmx-4.min.js"

router = APIRouter(include_in_schema=False)


@router.get(PREFIX + "/{version}/{name}")
async def asset(request: Request, version: str, name: str) -> Response:
    """Return a script or the style sheet. Only the current version exists."""
    current, found = await asyncio.to_thread(assets)
    if name not in found or version != current:
        raise HTTPException(404)
    return found[name].answer(request, Cache_Control=CACHE_FOREVER)


@cache
def assets() -> tuple[str, Mapping[str, StaticAsset]]:
    """Return the version, a hash of all files, and the files by name; read and compressed once."""
    paths = {path.name: path for path in sorted(FOLDER.iterdir())} | {"htmx.js": _htmx()}
    data = {name: path.read_bytes() for name, path in paths.items()}
    version = sha256(b"\0".join(name.encode() + content for name, content in data.items())).hexdigest()[:12]
    return version, {name: StaticAsset(content, TYPES[paths[name].suffix]) for name, content in data.items()}


def _htmx() -> Path:
    return Path(str(distribution("django-htmx").locate_file(HTMX)))
