"""All routes of the page."""

from fastapi import APIRouter

from gateway.history_page import actions, assets, exports, images, live, routes, session, sessions


def build() -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    for part in (assets, session, sessions, routes, actions, images, exports, live):
        router.include_router(part.router)
    return router
