"""Signs staff in: their token (JWT, role `staff`) in a header, or in a cookie that scripts cannot read."""

import time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.identity.tokens import SignIn
from domain.task_history.users import User
from domain.vocabulary.errors import TokenRefused
from gateway import link_pages
from gateway.access_log import address_of
from gateway.history_page import csrf
from gateway.history_page.session import LONGEST_TOKEN
from gateway.rate_limits import RateLimits
from gateway.task_history.context import context

COOKIE, PATH = "darkroom_staff", "/staff/session"
BEARER = "Bearer "
S = HTTPStatus

router = APIRouter(include_in_schema=False)


async def staff(request: Request) -> User:
    """Return the staff member of a request. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    said = request.headers.get("authorization", "")
    token = said.removeprefix(BEARER) if said.startswith(BEARER) else request.cookies.get(COOKIE, "")
    found = (await _verified(request, token)).user
    limits: RateLimits = request.state.limits
    await limits.count_key(f"staff {found.user_id}")
    request.scope["caller"] = f"staff {found.user_id}"  # for the access log
    return found


Staff = Annotated[User, Depends(staff)]


async def _verified(request: Request, token: str) -> SignIn:
    limits: RateLimits = request.state.limits
    try:
        return await context(request).tokens.sign_in(token, "staff")
    except TokenRefused:
        await limits.count_address(address_of(request.scope))  # limits guessing
        raise


@router.get(PATH)
async def page(request: Request) -> HTMLResponse:
    """Return the page on which a staff member pastes a token, or which says that they are signed in."""
    try:
        await _verified(request, request.cookies.get(COOKIE, ""))
    except TokenRefused:
        return link_pages.of_staff(request, "sign_in")
    return link_pages.of_staff(request, "signed_in")


@router.post(PATH)
async def sign_in(request: Request, token: Annotated[str, Form(max_length=LONGEST_TOKEN)]) -> Response:
    """Exchange a token for a cookie. Only our own page may: no site signs its visitors in as somebody else."""
    csrf.check_origin(request, request.headers.get("host", ""))
    try:
        found = await _verified(request, token.strip())
    except TokenRefused:
        refused = link_pages.of_staff(request, "refused")
        refused.status_code = S.UNAUTHORIZED
        return refused
    left = max(0, int(found.expires_at.timestamp() - time.time()))
    answer = RedirectResponse(PATH, S.SEE_OTHER)
    is_https = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token.strip(), max_age=left, httponly=True, samesite="strict", secure=is_https)
    return answer
