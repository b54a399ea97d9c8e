"""The chat bot's simulator: signatures, repeats, and the conversation it shows."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from tests.integration.simulators_fixtures import BOT_SECRET, Simulators


def post(
    simulators: Simulators,
    path: str,
    message_id: str,
    body: object,
    *,
    secret: str = BOT_SECRET,
    age: int = 0,
    signature: str | None = None,
) -> httpx.Response:
    content = json.dumps(body, ensure_ascii=False)
    sent = datetime.now(UTC) - timedelta(seconds=age)
    signed = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, sent, content) if signature is None else signature,
    }
    return httpx.post(f"{simulators.bot_url}/{path}", content=content.encode(), headers=signed)


def say(simulators: Simulators, customer: str, message_id: str, content: str, msg_type: int = 0) -> httpx.Response:
    body = {
        "customer_id": customer,
        "acc_id": "shop",
        "acc_type": "AliWorkbench",
        "content": content,
        "msg_type": msg_type,
    }
    return post(simulators, "messages", message_id, body)


BODY = {"customer_id": "signed", "acc_id": "shop", "content": "好", "msg_type": 0}


def test_a_message_signed_with_another_secret_is_not_taken(simulators: Simulators) -> None:
    response = post(simulators, "messages", "M-wrong", BODY, secret="whsec_YW5vdGhlciBzZWNyZXQ=")
    assert response.status_code == 401
    assert simulators.ledger("bot", message_id="M-wrong") == []


def test_a_stale_message_is_not_taken(simulators: Simulators) -> None:
    assert post(simulators, "messages", "M-stale", BODY, age=3600).status_code == 401


@pytest.mark.parametrize("signature", ["", "v1", "v1,###", "garbage", "v1,AAAA", "v1,a,b"])
def test_a_garbage_signature_is_an_answer_not_a_crash(simulators: Simulators, signature: str) -> None:
    assert post(simulators, "messages", "M-garbage", BODY, signature=signature).status_code == 401


@pytest.mark.parametrize("body", [{}, [], "words", BODY | {"msg_type": "no number"}, BODY | {"surprise": 1}])
def test_a_message_that_is_none_is_refused(simulators: Simulators, body: object) -> None:
    assert post(simulators, "messages", "M-malformed", body).status_code == 400


def test_a_repeat_is_answered_and_shown_once(simulators: Simulators) -> None:
    answers = [say(simulators, "repeat", "M-repeat", "图发好了").json()["repeat"] for _ in range(3)]
    assert answers == [False, True, True]
    assert len(simulators.ledger("bot", customer="repeat", repeat="False")) == 1
    shown = httpx.get(f"{simulators.bot_url}/conversations/repeat.json").json()["messages"]
    assert [message["said"] for message in shown] == ["图发好了"]


def test_a_conversation_shows_words_pictures_and_hints_in_order(simulators: Simulators) -> None:
    say(simulators, "客户/1", "M-1", "您好")
    say(simulators, "客户/1", "M-2", "http://pictures.example/preview.jpg", msg_type=1)
    hint = {"customer_id": "客户/1", "acc_id": "shop", "system_hint": "请用自然口吻", "fallback_text": "好了,你看一下"}
    assert post(simulators, "hints", "M-3", hint).is_success
    url = f"{simulators.bot_url}/conversations/客户/1"
    messages = httpx.get(url, headers={"accept": "application/json"}).json()["messages"]
    assert [(message["kind"], message["said"]) for message in messages] == [
        ("text", "您好"),
        ("image", "http://pictures.example/preview.jpg"),
        ("hint", "好了,你看一下"),
    ]
    page = httpx.get(url).text
    assert '<img src="http://pictures.example/preview.jpg"' in page
    assert "请用自然口吻" in page
    assert "客户/1" in httpx.get(f"{simulators.bot_url}/").text


def test_what_a_message_holds_is_escaped_on_the_page(simulators: Simulators) -> None:
    say(simulators, "<b>bold</b>", "M-html", "<script>alert(1)</script>")
    response = httpx.get(f"{simulators.bot_url}/conversations/%3Cb%3Ebold%3C%2Fb%3E")
    assert "<script>" not in response.text
    assert "&lt;script&gt;" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
