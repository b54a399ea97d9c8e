"""Cookies that hold a session: no script can read them, and no other host or site can set or send them."""

from fastapi import Request
from starlette.responses import Response

HOST_ONLY = "__Host-"  # browsers take such a name only over https, for this very host and all of its paths
FORGET_IMAGES = {"Clear-Site-Data": '"cache"'}  # header of the answer that ends a session


def name_of(cookie: str, *, is_https: bool) -> str:
    """Return the name under which a cookie is kept."""
    return f"{HOST_ONLY}{cookie}" if is_https else cookie


def read(request: Request, cookie: str, *, is_https: bool) -> str:
    """Return the value of a cookie; '' if there is none."""
    return request.cookies.get(name_of(cookie, is_https=is_https), "")


def keep(answer: Response, cookie: str, value: str, seconds: int, *, is_https: bool) -> None:
    """Let the browser keep a cookie for so many seconds; 0 deletes it."""
    answer.set_cookie(
        name_of(cookie, is_https=is_https),
        value,
        max_age=seconds,
        path="/",
        secure=is_https,
        httponly=True,
        samesite="strict",
    )
