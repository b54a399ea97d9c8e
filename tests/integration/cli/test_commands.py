"""The `darkroom` command, as a person or a script runs it."""

import asyncio
import re

import pytest

from starter import upkeep
from tests.integration.cli.running import darkroom, is_all, started, wait_for
from tests.integration.orders.conftest import RealShop


async def test_an_order_by_hand_from_the_photograph_to_the_letter(real_shop: RealShop, order_id: str) -> None:
    await wait_for(real_shop, order_id, lambda order: order["quotes"])
    assert (await darkroom(real_shop, "order", "pay", order_id, "--amount", "18.50")).status == 0
    await wait_for(real_shop, order_id, lambda order: order["hold"])  # it is not what was quoted
    assert (await darkroom(real_shop, "order", "resume", order_id, "--reason", "说好的价")).status == 0
    await wait_for(real_shop, order_id, is_all("awaiting_confirm"))
    revised = await darkroom(real_shop, "order", "revise", order_id, "背景再亮一点", "--picture", "1")
    assert revised.status == 0
    assert (await darkroom(real_shop, "order", "email", order_id, "wang@example.com")).status == 0
    await wait_for(real_shop, order_id, is_all("awaiting_confirm"))
    assert (await darkroom(real_shop, "order", "say", order_id, "可以")).status == 0
    watched = await darkroom(real_shop, "order", "watch", order_id)
    assert watched.status == 0
    assert "→ completed" in watched.out
    assert len(await real_shop.ledger("mailbox", order=order_id)) == 1

    shown = await darkroom(real_shop, "order", "show", order_id)
    assert f"{order_id}  completed " in shown.out
    assert "18.50 CNY" in shown.out
    listed = await darkroom(real_shop, "order", "list", "--status", "completed", "--customer", "wang", "--json")
    assert [line["order_id"] for line in listed.json] == [order_id]
    history = await darkroom(real_shop, "order", "history", order_id, "--json")
    whats = [line["what"] for line in history.json]
    assert whats[0] == "order started"
    assert {"signal payment_received", "produce done", "mail done"} <= set(whats)


async def test_a_refused_event_ends_with_1_and_says_why(real_shop: RealShop, order_id: str) -> None:
    await wait_for(real_shop, order_id, lambda order: order["quotes"])
    refused = {
        ("revise", order_id, "背景再亮一点"): "图还没做好呢",
        ("resend", order_id): "(nothing_to_resend)",
        ("resume", order_id): "(nothing_to_resume)",
        ("result", order_id, "https://designer.example/1.png"): "(result_not_taken)",
        ("transfer", order_id, "--picture", "7"): "(transfer_not_placed)",
    }
    for words, says in refused.items():
        ran = await darkroom(real_shop, "order", *words)
        assert (ran.status, ran.out, says in ran.err) == (1, "", True), (words, ran.err)
    history = (await darkroom(real_shop, "order", "history", order_id)).out
    assert "signal revision_requested" in history
    assert all(line.count("\t") == 4 for line in history.splitlines())
    listed = (await darkroom(real_shop, "order", "list", "--customer", "wang", COLUMNS="20")).out
    assert listed.startswith(f"{order_id}\t")


async def test_the_web_ui_link_of_an_order_is_printed(real_shop: RealShop) -> None:
    opened = await darkroom(real_shop, "order", "open", "ORDER_20261122_7K3F9Q", BROWSER="true")
    ui, namespace = real_shop.settings.temporal_ui_url, real_shop.settings.temporal_namespace
    assert opened.out.strip() == f"{ui}/namespaces/{namespace}/workflows/order-ORDER_20261122_7K3F9Q"


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("order", "show", "ORDER_20261122_ZZZZZZ"), 3, "no open order with the id ORDER_20261122_ZZZZZZ"),
        (("order", "show", "7K3F9Q"), 2, "invalid order id '7K3F9Q'"),
        (("order", "pay", "ORDER_20261122_7K3F9Q", "--amount", "a lot"), 2, "invalid amount 'a lot'"),
        (("order", "email", "ORDER_20261122_7K3F9Q", "123@qq"), 2, "invalid e-mail address '123@qq'"),
        (("order", "new", "nowhere.jpg", "--customer", "wang"), 2, "not found: nowhere.jpg"),
        (("order", "new", "README.md", "--customer", "wang"), 1, "darkroom: "),
        (("order", "list", "--status", "lost"), 2, "awaiting_confirm"),
    ],
)
async def test_a_mistake_is_told_in_words_with_a_status(
    real_shop: RealShop, words: tuple[str, ...], status: int, says: str
) -> None:
    ran = await darkroom(real_shop, *words)
    assert (ran.status, says in " ".join(ran.err.split())) == (status, True), ran.err
    assert "Traceback" not in ran.err


async def test_a_missing_server_is_told(real_shop: RealShop) -> None:
    ran = await started(real_shop, "order", "list", TEMPORAL_ADDRESS="127.0.0.1:9")
    assert ran.status == 4
    assert "no Temporal server answers at 127.0.0.1:9 (start one with `darkroom up`)" in ran.err


async def test_why_a_server_elsewhere_lets_nobody_in_is_told(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "order", "list", TEMPORAL_ADDRESS="127.0.0.2:9")
    assert ran.status == 4
    assert "cannot connect to Temporal at 127.0.0.2:9" in ran.err
    assert "Connection refused" in ran.err
    assert "darkroom up" not in ran.err


async def test_a_job_of_the_records_needs_no_certificate_of_temporals(real_shop: RealShop) -> None:
    lost = {"TEMPORAL_TLS": "true", "TEMPORAL_TLS_CLIENT_CERT_PATH": "/nowhere/c.pem"}
    ran = await darkroom(real_shop, "db", "current", **lost)
    assert ran.status == 0, ran.err
    ran = await darkroom(real_shop, "order", "list", **lost)
    assert (ran.status, "TEMPORAL_TLS_...: cannot read a certificate" in ran.err) == (2, True)


@pytest.mark.parametrize("command", ["upgrade", "current"])
async def test_missing_records_are_told_in_a_line(real_shop: RealShop, command: str) -> None:
    away = "postgresql+asyncpg://darkroom:secret@127.0.0.1:9/darkroom"
    ran = await darkroom(real_shop, "db", command, DATABASE_URL=away)
    assert (ran.status, len(ran.err.splitlines())) == (1, 1), ran.err
    assert ran.err.startswith("darkroom: Postgres is away: ConnectionRefusedError")


async def test_a_wrong_setting_names_its_field(real_shop: RealShop) -> None:
    ran = await darkroom(real_shop, "order", "list", MAX_ATTEMPTS="many")
    assert ran.status == 2
    assert "invalid settings: MAX_ATTEMPTS" in ran.err


async def test_the_doctor_names_what_is_missing(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    async with asyncio.timeout(60):
        while True:
            ran = await darkroom(real_shop, "doctor", GATEWAY_URL="http://127.0.0.1:9")
            states = {what: state for state, what, *_ in (line.split("\t") for line in ran.out.splitlines())}
            if states["worker"] == "ok":  # it was only just started, perhaps
                break
    assert ran.status == 1
    assert states == {
        "Temporal": "ok",
        "worker": "ok",
        "upkeep": "no",
        "Postgres": "ok",
        "storage": "ok",
        "mail server": "ok",
        "chat bot": "ok",
        "staff": "ok",
        "designers": "ok",
        "gateway": "no",
        "sign-in of users": "ok",
        "malware scanner": "ok",
        "models": "ok",
        "prices of models": "ok",
        "secrets": "no",
        "production": "ok",
    }
    assert "upkeep is not scheduled" in ran.out
    await upkeep.set_up(real_shop.client, 4, "Asia/Shanghai")
    ran = await darkroom(real_shop, "doctor", GATEWAY_URL="http://127.0.0.1:9")
    (line,) = [line for line in ran.out.splitlines() if "\tupkeep\t" in line]
    assert re.match(r"ok\tupkeep\tnext \d{4}-\d\d-\d\d 04:00, has not run yet", line)
    await real_shop.client.get_schedule_handle("upkeep").delete()
