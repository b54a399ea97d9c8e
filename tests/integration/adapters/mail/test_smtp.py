"""Letters through a real SMTP server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from adapters.mail.smtp import SmtpMail
from domain.ports import Attachment, Letter
from domain.vocabulary.errors import AddressRefused, DarkroomError, LetterTooLarge, OutsideRefused, OutsideUnavailable
from tests.integration.adapters.mail.certificates import certificate
from tests.integration.simulators_fixtures import Simulators, free_port

PHOTO = Attachment("修复后-第1张.jpg", b"\xff\xd8 a picture", "image/jpeg")
LETTER = Letter("ORDER_20261122_7K3F9Q-r0", "li@customer.example", "您的图片好了", "您好\n", "<p>您好</p>", (PHOTO,))
SENDER = "暗房 <orders@darkroom.example>"


def mail(simulators: Simulators) -> SmtpMail:
    return SmtpMail("127.0.0.1", simulators.smtp_port, SENDER)


async def test_a_letter_arrives_whole_with_its_chinese_names(simulators: Simulators) -> None:
    await mail(simulators).send(replace(LETTER, to="whole@customer.example"))
    (entry,) = simulators.ledger("mailbox", to="whole@customer.example")
    assert (entry["subject"], entry["from"]) == ("您的图片好了", SENDER)
    assert entry["sender"] == "orders@darkroom.example"
    assert entry["attachments"][0]["filename"] == "修复后-第1张.jpg"
    assert simulators.get(f"mailbox/letters/{entry['letter']}/attachments/0").content == PHOTO.data
    shown = simulators.get(f"mailbox/letters/{entry['letter']}.json").json()["letter"]
    assert (shown["text"].strip(), shown["html"].strip()) == ("您好", "<p>您好</p>")


async def test_a_retry_bears_the_same_message_id(simulators: Simulators) -> None:
    for _ in range(2):
        await mail(simulators).send(replace(LETTER, to="twice@customer.example"))
    ids = [entry["message_id"] for entry in simulators.ledger("mailbox", to="twice@customer.example")]
    assert ids == ["<ORDER_20261122_7K3F9Q-r0@darkroom.example>"] * 2


async def test_a_recipient_refused_for_good_is_the_customers_to_mend(simulators: Simulators) -> None:
    with pytest.raises(AddressRefused, match="550"):
        await mail(simulators).send(replace(LETTER, to="li@refused.example"))


async def test_a_recipient_refused_for_now_is_tried_again(simulators: Simulators) -> None:
    with pytest.raises(OutsideUnavailable, match="451"):
        await mail(simulators).send(replace(LETTER, to="li@later.example"))


@pytest.mark.parametrize(
    "to",
    [
        "li@customer.example\r\nBcc: all@customer.example",
        "li@customer.example\nX: y",
        "nobody",
        "a@b@c",
        "",
        "a b@c.example",
    ],
)
async def test_what_is_no_address_is_refused_before_anything_is_sent(simulators: Simulators, to: str) -> None:
    before = len(simulators.ledger("mailbox"))
    with pytest.raises(AddressRefused):
        await mail(simulators).send(replace(LETTER, to=to))
    assert len(simulators.ledger("mailbox")) == before


async def test_no_header_can_be_injected(simulators: Simulators) -> None:
    letter = Letter(
        "id\r\nBcc: a@evil.example",
        "inject@customer.example",
        "hello\r\nBcc: b@evil.example\u2028X: 1",
        "words",
        "<p>words</p>",
        (Attachment('x"\r\nBcc: c@evil.example.png', b"x", "image/png"),),
    )
    await mail(simulators).send(letter)
    (entry,) = simulators.ledger("mailbox", to="inject@customer.example")
    raw = simulators.get(f"mailbox/letters/{entry['letter']}.eml").text
    assert not [line for line in raw.splitlines() if line.startswith(("Bcc", "X:"))]
    assert entry["to"] == ["inject@customer.example"]


async def test_a_server_that_is_away_is_tried_again() -> None:
    with pytest.raises(OutsideUnavailable):
        await SmtpMail("127.0.0.1", free_port(), SENDER).send(LETTER)


class Scripted:
    """A mail server's handler that gives one verb another answer, and keeps who logged in."""

    def __init__(self, verb: str = "", answer: str = "") -> None:
        self.delivered = 0
        if verb:
            setattr(self, f"handle_{verb}", self._refuse)
        self._answer = answer

    async def _refuse(self, *_: Any) -> str:
        return self._answer

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd finds it by this name
        self.delivered += 1
        return "250 OK"


Start = Callable[..., Coroutine[Any, Any, int]]


@pytest.fixture
async def smtp_server() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def start(handler: Scripted, tls: ssl.SSLContext | None = None, **settings: Any) -> int:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(lambda: SMTP(handler, loop=loop, **settings), "127.0.0.1", 0, ssl=tls)
            stack.callback(server.close)
            return int(server.sockets[0].getsockname()[1])

        yield start


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("MAIL", "451 later", OutsideUnavailable),
        ("MAIL", "550 sender refused", OutsideRefused),
        ("RCPT", "450 greylisted", OutsideUnavailable),
        ("RCPT", "550 no such user", AddressRefused),
        ("DATA", "452 full", OutsideUnavailable),
        ("DATA", "554 spam", OutsideRefused),
    ],
)
async def test_each_refusal_has_its_outcome(
    smtp_server: Start, verb: str, answer: str, kind: type[DarkroomError]
) -> None:
    handler = Scripted(verb, answer)
    port = await smtp_server(handler)
    with pytest.raises(DarkroomError) as raised:
        await SmtpMail("127.0.0.1", port, SENDER).send(LETTER)
    assert type(raised.value) is kind
    assert handler.delivered == 0


async def test_the_size_that_a_server_takes_is_asked_before_anything_is_sent(smtp_server: Start) -> None:
    handler = Scripted()
    port = await smtp_server(handler, data_size_limit=5_000)
    large = replace(LETTER, attachments=(Attachment("large.jpg", b"x" * 5_000, "image/jpeg"),))
    with pytest.raises(LetterTooLarge, match="accepts 5000"):
        await SmtpMail("127.0.0.1", port, SENDER).send(large)
    assert handler.delivered == 0
    await SmtpMail("127.0.0.1", port, SENDER).send(replace(large, attachments=()))
    assert handler.delivered == 1


@pytest.mark.parametrize(("verb", "answer"), [("MAIL", "552 5.3.4 too big"), ("DATA", "552 size exceeds limit")])
async def test_a_server_that_finds_a_letter_too_large_is_understood(smtp_server: Start, verb: str, answer: str) -> None:
    port = await smtp_server(Scripted(verb, answer))
    with pytest.raises(LetterTooLarge):
        await SmtpMail("127.0.0.1", port, SENDER).send(LETTER)


async def test_a_domain_in_any_script_is_sent_to_and_a_mailbox_in_one_is_asked_back(simulators: Simulators) -> None:
    await mail(simulators).send(replace(LETTER, to="li@暗房.example"))
    assert simulators.ledger("mailbox", to="li@xn--7oup0h.example")
    with pytest.raises(AddressRefused, match="ASCII"):
        await mail(simulators).send(replace(LETTER, to="李@customer.example"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_connection_is_secured_and_logged_in(
    smtp_server: Start, tmp_path: Path, security: Literal["starttls", "tls"]
) -> None:
    server_tls, client_tls = certificate(tmp_path, "localhost")
    logins: list[tuple[bytes, bytes]] = []

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret", handled=False)

    # aiosmtpd knows of STARTTLS only: behind TLS from the start it must be told that a login is safe.
    settings = (
        {"tls_context": server_tls, "require_starttls": True}
        if security == "starttls"
        else {"tls": server_tls, "auth_require_tls": False}
    )
    handler = Scripted()
    port = await smtp_server(handler, authenticator=authenticate, **settings)

    def login(password: str) -> SmtpMail:
        return SmtpMail(
            "localhost", port, SENDER, security=security, username="shop", password=password, tls_context=client_tls
        )

    await login("secret").send(LETTER)
    assert (logins, handler.delivered) == ([(b"shop", b"secret")], 1)
    with pytest.raises(OutsideRefused, match="535"):
        await login("wrong").send(LETTER)
    assert handler.delivered == 1


async def test_pictures_of_the_page_go_along_inside_the_letter_and_are_no_attachments(simulators: Simulators) -> None:
    small = Attachment("before-1", b"\xff\xd8 small", "image/jpeg")
    page = '<!doctype html><html><head></head><body><img src="cid:before-1" alt="原图"></body></html>'
    await mail(simulators).send(replace(LETTER, to="inline@customer.example", html=page, inline=(small,)))
    (entry,) = simulators.ledger("mailbox", to="inline@customer.example")
    assert [one["filename"] for one in entry["attachments"]] == [PHOTO.filename]
    shown = simulators.get(f"mailbox/letters/{entry['letter']}/html").text
    assert 'src="data:image/jpeg;base64,' in shown
    raw = simulators.get(f"mailbox/letters/{entry['letter']}.eml").text
    kinds = [kind for kind in ("multipart/mixed", "multipart/alternative", "multipart/related") if kind in raw]
    assert len(kinds) == 3
    assert "Content-ID: <before-1>" in raw
