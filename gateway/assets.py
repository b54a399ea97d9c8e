"""The scripts and style sheets of a page, cacheable for ever: their address holds a hash of them all."""

import asyncio
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.docs import CACHE_FOREVER, TYPES, StaticAsset

SHARED = (Path(__file__).parent / "pages" / "base.css",)
# Only a file of this package is read (locks/files.txt): importing it would need Django.
HTMX = "django_htmx/static/django_htmx/htmx-4.min.js"


class AssetFolder:
    """The files of a folder, with those that all pages share, served under `{prefix}/{version}/`."""

    def __init__(self, prefix: str, folder: Path) -> None:
        self._prefix, self._folder = prefix, folder

    @property
    def address(self) -> str:
        """The address of the current version."""
        return f"{self._prefix}/{self._version}"

    def router(self) -> APIRouter:
        """Return the route that serves the files. Only the current version exists."""
        router = APIRouter(include_in_schema=False)

        @router.get(self._prefix + "/{version}/{name}")
        async def asset(request: Request, version: str, name: str) -> Response:
            found = await asyncio.to_thread(lambda: self._files)
            if name not in found or version != self._version:
                raise HTTPException(404)
            return found[name].answer(request, Cache_Control=CACHE_FOREVER)

        return router

    @cached_property
    def _files(self) -> Mapping[str, StaticAsset]:
        """The files by name; read and compressed once."""
        paths = {path.name: path for path in (*SHARED, *sorted(self._folder.iterdir()))} | {"htmx.js": _htmx()}
        return {name: StaticAsset(path.read_bytes(), TYPES[path.suffix]) for name, path in paths.items()}

    @cached_property
    def _version(self) -> str:
        data = b"\0".join(name.encode() + file.data for name, file in self._files.items())
        return sha256(data).hexdigest()[:12]


def _htmx() -> Path:
    return Path(str(distribution("django-htmx").locate_file(HTMX)))
