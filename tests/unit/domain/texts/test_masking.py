"""Logs and failures hold no address of a customer, and not where a link leads."""

import io
import logging

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from domain.texts.masking import masked, redacted
from runtime import logs

CANARY = "canary"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("550 5.1.1 <canary.bird@example.com>: no such user", "550 5.1.1 <c…@example.com>: no such user"),
        ("RCPT TO:<canary@qq.com> 451 later", "RCPT TO:<c…@qq.com> 451 later"),
        ("canary＠qq.com", "c…＠qq.com"),
        ("at https://shop.example/d/canary?x=1 now", "at https://shop.example/… now"),
        ("nothing of anybody", "nothing of anybody"),
    ],
)
def test_addresses_and_links_are_masked(words: str, shown: str) -> None:
    assert redacted(words) == shown
    assert redacted(redacted(words)) == shown


def test_every_line_of_the_log_is_masked_whoever_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("INFO", "json")
    try:
        structlog.get_logger("ours").warning("mail failed", error=f"550 <{CANARY}@example.com>")
        logging.getLogger("of a library").error("550 <%s@example.com>", CANARY)
        try:
            int(f"550 <{CANARY}@example.com>")
        except ValueError:
            logging.getLogger("of a library").exception("it failed")
    finally:
        logging.basicConfig(force=True)
        structlog.reset_defaults()
    assert written.getvalue().count("@example.com") >= 3
    assert CANARY not in written.getvalue()


def test_what_is_masked_tells_nothing_of_parameters() -> None:
    error = DBAPIError("INSERT INTO orders VALUES ($1)", (CANARY,), ValueError("lost"), hide_parameters=True)
    assert CANARY not in masked(str(error))
