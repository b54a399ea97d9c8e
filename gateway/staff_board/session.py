"""Signs staff in to the board, and checks that what changes something was sent by our own page."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from domain.task_history.users import User
from domain.vocabulary.errors import TokenRefused
from gateway import cookies
from gateway.history_page import csrf
from gateway.history_page.session import LONGEST_TOKEN
from gateway.sessions import client_of, guessing_is_limited
from gateway.staff import COOKIE, Staff, cookie, is_https, session_of
from gateway.staff_board import rendering
from gateway.staff_board.context import context
from gateway.task_history.context import context as history_context

PATH, HOME = "/staff/session", "/staff/"
S = HTTPStatus

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Session:
    """A signed-in staff member, and the CSRF token of their session."""

    user: User
    csrf: str

    @property
    def name(self) -> str:
        """What others see of them: their name, or the beginning of their id."""
        return self.user.name or str(self.user.user_id)[:8]


async def session(request: Request, user: Staff) -> Session:
    """Return the session of a request. Raises TokenRefused, TooManyRequests, OutsideUnavailable."""
    return Session(user, csrf.token(context(request).secret, cookie(request)))


async def changing_session(request: Request, found: Annotated[Session, Depends(session)]) -> Session:
    """Return the session of a request that changes something, which our page must have sent. Raises NotAllowed."""
    shop = context(request)
    await csrf.check(request, shop.secret, shop.host, cookie(request))
    return found


SignedIn = Annotated[Session, Depends(session)]
Changing = Annotated[Session, Depends(changing_session)]


@router.get(PATH)
async def page(request: Request, next_page: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    """Show the page on which a staff member pastes a token; who is signed in goes on to the board."""
    try:
        await session_of(request)
    except TokenRefused:
        return rendering.render(request, "sign_in.html", is_refused=False, next_page=_own(next_page))
    return RedirectResponse(_own(next_page), S.SEE_OTHER)


@router.post(PATH)
async def sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=LONGEST_TOKEN)],
    next_page: Annotated[str, Form(alias="next", max_length=500)] = "",
) -> Response:
    """Exchange a token for a cookie. Only our own page may: no site signs its visitors in as somebody else."""
    csrf.check_origin(request, context(request).host)
    sessions, said = history_context(request).sessions, cookie(request)
    try:
        async with guessing_is_limited(request):
            begun, found = await sessions.begin(token.strip(), "staff", client_of(request), said)
    except TokenRefused:
        return rendering.render(request, "sign_in.html", S.UNAUTHORIZED, is_refused=True, next_page=_own(next_page))
    left = max(0, int(found.expires_at.timestamp() - time.time()))
    answer = RedirectResponse(_own(next_page), S.SEE_OTHER)
    cookies.keep(answer, COOKIE, begun, left, is_https=is_https(request))
    return answer


@router.post(PATH + "/end")
async def sign_out(request: Request, _: Changing) -> Response:
    """End the session, and the token that began it. The browser also drops the images that it has cached."""
    found = await session_of(request)
    await history_context(request).sessions.end(found, [found.session_id])
    answer = RedirectResponse(PATH, S.SEE_OTHER, headers=cookies.FORGET_IMAGES)
    cookies.keep(answer, COOKIE, "", 0, is_https=is_https(request))
    return answer


def _own(path: str) -> str:
    """Return a path of the board; that of the queue for any other address, so that nobody is led elsewhere."""
    is_ours = path.startswith(HOME) and not path.startswith(PATH) and path.isprintable() and "\\" not in path
    return path if is_ours else HOME
