"""The payment webhook, signed as Standard Webhooks says."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook
from temporalio.testing import TimeSkipper

from domain.vocabulary.status import Status
from tests.integration.gateway.conftest import PAYMENT_SECRETS, Gate
from tests.integration.gateway.test_orders import customer, started
from tests.shop import FakeShop, OrderInHand

PATH = "/api/webhooks/payments"
NEW, OLD = PAYMENT_SECRETS


def signature(body: bytes, webhook_id: str, secret: str = NEW, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, at, body.decode()),
    }


async def notify(gate: Gate, kind: str, webhook_id: str = "", **data: Any) -> httpx.Response:
    body = json.dumps({"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data}).encode()
    headers = signature(body, webhook_id or uuid.uuid4().hex)
    return await gate.nobody.post(PATH, content=body, headers=headers)


async def is_kept(gate: Gate, answer: httpx.Response, named: str, signal: str, money: str = "") -> bool:
    assert (answer.status_code, answer.json()["outcome"]) == (202, "kept"), answer.text
    event = f"late-{named}-{signal}-{answer.json()['event_id']}{money}"
    opaque = f"late-{sha256(event.encode()).hexdigest()}"  # what is no order id may be anybody's name
    late = gate.temporal.get_workflow_handle(event if named.startswith("ORDER_") else opaque)
    return (await late.describe()).workflow_type == "LateEventWorkflow"


async def test_a_payment_pays_an_order_and_sent_again_changes_nothing(gate: Gate, temporal_env: TimeSkipper) -> None:
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate)
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        for webhook_id in ("w-1", "w-1", "w-2"):
            paid = {"order_id": order_id, "payment_id": "ALI-1", "amount": "18.00", "currency": "CNY"}
            answer = await notify(gate, "payment.received", webhook_id, **paid)
            assert answer.json() == {"order_id": order_id, "event_id": webhook_id, "outcome": "heard"}
        assert [p.amount for p in (await order.reaches(Status.AWAITING_CONFIRM)).payments] == [Decimal(18)]


async def test_a_payment_of_a_customer_pays_the_same_order_however_often_it_is_sent(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    who = customer()
    paid = {"customer_id": who, "acc_id": "shop-1", "payment_id": "ALI-2", "amount": "18.00"}
    async with FakeShop(temporal_env).open() as shop:
        first = await started(gate, customer_id=who)
        await OrderInHand(shop, first).until(lambda o: o.quote)
        await OrderInHand(shop, first).until_listed(Status.PENDING)
        assert (await notify(gate, "payment.received", **paid)).json()["order_id"] == first
        await OrderInHand(shop, first).reaches(Status.AWAITING_CONFIRM)
        second = await started(gate, customer_id=who)
        await OrderInHand(shop, second).until(lambda o: o.quote)
        assert (await notify(gate, "payment.received", **paid)).json()["order_id"] == first  # another webhook-id


async def test_a_refund_goes_to_the_only_order_of_the_customer_that_may_be_paid(
    gate: Gate, temporal_env: TimeSkipper
) -> None:
    who = customer()
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate, customer_id=who)
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        await notify(gate, "payment.received", order_id=order_id, payment_id="ALI-3", amount="18.00")
        await order.reaches(Status.AWAITING_CONFIRM)
        await order.until_listed(Status.AWAITING_CONFIRM)
        refunded = {"customer_id": who, "refund_id": "R-3", "amount": "18.00"}
        assert (await notify(gate, "refund.recorded", **refunded)).json()["order_id"] == order_id
        assert (await order.until(lambda o: o.refunds)).refunds[0].refund_id == "R-3"


async def test_money_that_fits_no_order_is_kept_for_staff(gate: Gate) -> None:
    who, unknown = customer(), "ORDER_20200101_222222"
    for kind, signal in (("payment.received", "payment_received"), ("refund.recorded", "refund_recorded")):
        answer = await notify(gate, kind, order_id=unknown, amount="18.00")
        assert await is_kept(gate, answer, unknown, signal, ":18.00")
        answer = await notify(gate, kind, customer_id=who, amount="18.00")
        assert await is_kept(gate, answer, f"customer {who}", signal, ":18.00")
        answer = await notify(gate, kind, order_id="12345 of the platform", amount="18.00")
        assert await is_kept(gate, answer, "12345 of the platform", signal, ":18.00")


@pytest.mark.parametrize("data", [{"order_id": "x" * 300}, {"customer_id": "a\0b"}])
async def test_a_signed_notice_that_makes_no_sense_is_kept_for_staff(gate: Gate, data: dict[str, Any]) -> None:
    assert await is_kept(gate, await notify(gate, "payment.received", **data), "", "payment_webhook")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"type": "payment.received"}', b"[" * 5000])
async def test_a_signed_body_that_is_no_notice_is_kept_for_staff(gate: Gate, body: bytes) -> None:
    answer = await gate.nobody.post(PATH, content=body, headers=signature(body, uuid.uuid4().hex))
    assert await is_kept(gate, answer, "", "payment_webhook")


async def test_a_notice_of_something_else_is_ignored(gate: Gate) -> None:
    answer = await notify(gate, "payment.pending", order_id="ORDER_20200101_222222")
    assert (answer.status_code, answer.json()["outcome"]) == (202, "ignored")


async def test_while_a_secret_is_exchanged_the_old_one_and_the_new_one_fit(gate: Gate) -> None:
    body = b'{"type": "payment.pending", "data": {}}'
    for secret, status in {NEW: 202, OLD: 202, "whsec_c29tZWJvZHkgZWxzZQ==": 401}.items():
        answer = await gate.nobody.post(PATH, content=body, headers=signature(body, "w", secret))
        assert answer.status_code == status


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
async def test_a_stale_or_early_timestamp_is_refused(gate: Gate, age: timedelta) -> None:
    body = b"{}"
    answer = await gate.nobody.post(PATH, content=body, headers=signature(body, "w", at=datetime.now(UTC) - age))
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:darkroom:signature-refused")


async def test_a_body_that_was_tampered_with_is_refused(gate: Gate) -> None:
    headers = signature(b'{"amount": "1"}', "w")
    assert (await gate.nobody.post(PATH, content=b'{"amount": "9"}', headers=headers)).status_code == 401


# What HTTP lets pass in a header: anything but control characters, in any encoding.
header = st.binary(max_size=60).map(lambda raw: bytes(byte for byte in raw if byte > 31 and byte != 127).strip())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(webhook_id=header, timestamp=header, signed=header, body=st.binary(max_size=200))
async def test_no_garbage_gets_in_or_breaks_anything(
    gate: Gate, webhook_id: bytes, timestamp: bytes, signed: bytes, body: bytes
) -> None:
    headers = [(b"webhook-id", webhook_id), (b"webhook-timestamp", timestamp), (b"webhook-signature", signed)]
    assert (await gate.nobody.post(PATH, content=body, headers=headers)).status_code == 401
    at = str(int(datetime.now(UTC).timestamp())).encode()
    for garbage in (signed, b"v1," + signed, b"v1", b"v1,,", b"v1,\xff\xfe=="):
        headers = [(b"webhook-id", b"w"), (b"webhook-timestamp", at), (b"webhook-signature", garbage)]
        assert (await gate.nobody.post(PATH, content=body, headers=headers)).status_code == 401


async def test_ten_deliveries_at_the_same_instant_pay_once(gate: Gate, temporal_env: TimeSkipper) -> None:
    who = customer()
    async with FakeShop(temporal_env).open() as shop:
        order_id = await started(gate, customer_id=who)
        order = OrderInHand(shop, order_id)
        await order.until(lambda o: o.quote)
        paid = {"customer_id": who, "payment_id": "ALI-9", "amount": "18.00"}
        answers = await asyncio.gather(*(notify(gate, "payment.received", "w-9", **paid) for _ in range(10)))
        assert {answer.json()["order_id"] for answer in answers} == {order_id}
        assert len((await order.reaches(Status.AWAITING_CONFIRM)).payments) == 1
