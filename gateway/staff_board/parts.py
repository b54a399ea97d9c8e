"""All routes of the board."""

from fastapi import APIRouter

from gateway.staff_board import actions, assets, bulk, dashboard, live, routes, saved, session, sessions, settings

ROUTERS = (
    assets.router,
    session.router,
    sessions.router,
    routes.router,
    dashboard.router,
    live.router,
    actions.router,
    bulk.router,
    saved.router,
    settings.router,
)


def build() -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    for part in ROUTERS:
        router.include_router(part)
    return router
