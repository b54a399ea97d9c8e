"""What other sites make a browser send is refused."""

import pytest
from starlette.requests import Request

from domain.vocabulary.errors import NotAllowed
from gateway.history_page import csrf

SECRET, HOST, SESSION = "a secret", "shop.example", "a session"


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in ({"host": HOST} | headers).items()]
    return Request({"type": "http", "method": "POST", "path": "/history/bin", "headers": raw, "query_string": b""})


OURS = {"sec_fetch_site": "same-origin", "origin": f"https://{HOST}", "x_csrf_token": csrf.token(SECRET, SESSION)}


async def test_our_own_page_may() -> None:
    await csrf.check(request(**OURS), SECRET, HOST, SESSION)


async def test_a_browser_that_tells_only_the_origin_may() -> None:
    await csrf.check(
        request(**{name: value for name, value in OURS.items() if name != "sec_fetch_site"}), SECRET, HOST, SESSION
    )


async def test_behind_a_proxy_the_public_address_counts() -> None:
    headers = OURS | {"host": "127.0.0.1:6060"}
    await csrf.check(request(**headers), SECRET, HOST, SESSION)


@pytest.mark.parametrize(
    "headers",
    [
        OURS | {"sec_fetch_site": "cross-site"},
        OURS | {"sec_fetch_site": "same-site"},
        OURS | {"origin": "https://evil.example"},
        OURS | {"origin": "null"},
        OURS | {"x_csrf_token": csrf.token(SECRET, "another session")},
        OURS | {"x_csrf_token": csrf.token("another secret", SESSION)},
        OURS | {"x_csrf_token": ""},
        OURS | {"x_csrf_token": "é"},
        {name: value for name, value in OURS.items() if name != "x_csrf_token"},
        {"x_csrf_token": OURS["x_csrf_token"]},
    ],
)
async def test_anything_else_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        await csrf.check(request(**headers), SECRET, HOST, SESSION)
