"""The mailbox's pages over the SMTP server."""

import smtplib
from email.message import EmailMessage

import httpx
import pytest

from tests.integration.simulators_fixtures import Simulators


@pytest.fixture
def letter(simulators: Simulators) -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@darkroom.example", "li@customer.example", "图好了"
    message["Message-ID"] = "<one@darkroom.example>"
    message.set_content("您好")
    message.add_alternative("<p>您好</p><script>alert(1)</script>", subtype="html")
    message.add_attachment(b"picture", maintype="image", subtype="png", filename="修复后.png")
    with smtplib.SMTP("127.0.0.1", simulators.smtp_port) as server:
        server.send_message(message)
    number: str = simulators.ledger("mailbox", to="li@customer.example")[-1]["letter"]
    return f"{simulators.url}/mailbox/letters/{number}"


def test_a_letter_is_shown_with_its_words(letter: str) -> None:
    shown = httpx.get(f"{letter}.json").json()["letter"]
    assert (shown["subject"], shown["text"].strip(), shown["message_id"]) == (
        "图好了",
        "您好",
        "<one@darkroom.example>",
    )
    assert "图好了" in httpx.get(letter).text


def test_an_attachment_is_downloaded_under_its_own_name(letter: str) -> None:
    response = httpx.get(f"{letter}/attachments/0")
    assert response.content == b"picture"
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == "attachment; filename*=utf-8''%E4%BF%AE%E5%A4%8D%E5%90%8E.png"


def test_the_html_of_a_letter_runs_no_script(letter: str) -> None:
    policy = httpx.get(f"{letter}/html").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_the_letter_itself_can_be_had(letter: str) -> None:
    assert b"Message-ID: <one@darkroom.example>" in httpx.get(f"{letter}.eml").content


def test_addresses_are_listed_with_their_letters(simulators: Simulators, letter: str) -> None:
    headers = {"accept": "application/json"}
    addresses = httpx.get(f"{simulators.url}/mailbox/", headers=headers).json()["addresses"]
    assert "li@customer.example" in [one["address"] for one in addresses]
    letters = httpx.get(f"{simulators.url}/mailbox/addresses/li@customer.example.json").json()["letters"]
    assert letters[0]["attachments"][0]["filename"] == "修复后.png"


@pytest.mark.parametrize("path", ["999999", "999999.eml", "999999/html", "..%2Fledger", "000001/attachments/9"])
def test_what_is_not_there_is_not_found(simulators: Simulators, letter: str, path: str) -> None:
    assert httpx.get(f"{simulators.url}/mailbox/letters/{path}").status_code == 404


@pytest.mark.parametrize(("address", "code"), [("a@refused.example", 550), ("a@later.example", 451)])
def test_some_recipients_are_refused(simulators: Simulators, address: str, code: int) -> None:
    with (
        smtplib.SMTP("127.0.0.1", simulators.smtp_port) as server,
        pytest.raises(smtplib.SMTPRecipientsRefused) as refused,
    ):
        server.sendmail("shop@darkroom.example", [address], b"Subject: x\r\n\r\nx")
    assert refused.value.recipients[address][0] == code
