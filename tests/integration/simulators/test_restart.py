"""What the simulators saw outlives them."""

import smtplib
from pathlib import Path

import httpx

from tests.integration.simulators.shopbot.test_inbox import say
from tests.integration.simulators_fixtures import running_simulators


def test_ledgers_letters_and_conversations_survive_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "数据 with spaces"
    with running_simulators(data) as first:
        say(first, "li", "M-1", "您好")
        with smtplib.SMTP("127.0.0.1", first.smtp_port) as server:
            server.sendmail("a@darkroom.example", ["li@customer.example"], b"Subject: x\r\n\r\nhello")
    with running_simulators(data) as second:
        assert say(second, "li", "M-1", "您好").json()["repeat"] is True
        assert [entry["n"] for entry in second.ledger("bot")] == [1, 2]
        assert "hello" in httpx.get(f"{second.url}/mailbox/letters/000001.eml").text
