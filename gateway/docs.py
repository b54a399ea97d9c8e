"""The page of the API: Swagger UI from a package, since FastAPI's own loads its scripts from elsewhere."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

PAGES = Path(__file__).parent / "pages"
SWAGGER = Path(str(files("fastapi_swagger") / "resources"))
PARTS = {
    "begin.js": PAGES / "begin.js",
    "swagger-ui.css": SWAGGER / "swagger-ui.css",
    "swagger-ui-bundle.js": SWAGGER / "swagger-ui-bundle.js",
}
# Swagger UI sets styles on elements, and draws its icons from data: addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs() -> FileResponse:
    """Show the page."""
    return FileResponse(PAGES / "docs.html", headers={"content-security-policy": POLICY})


@router.get("/docs/{name}")
async def part(name: str) -> Response:
    """Return a part of the page."""
    return FileResponse(PARTS[name]) if name in PARTS else Response(status_code=404)
