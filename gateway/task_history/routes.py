"""All routes of the task-history API."""

from fastapi import APIRouter

from gateway.task_history import bin as bin_routes
from gateway.task_history import exports, figures, images, tasks, uploads


def build() -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    for part in (bin_routes.router, tasks.router, uploads.router, figures.router, exports.router, images.router):
        router.include_router(part)
    return router
