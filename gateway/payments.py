"""The payment webhook of the shop platform, signed according to Standard Webhooks."""

import re
from http import HTTPStatus
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from standardwebhooks import Webhook, WebhookVerificationError
from temporalio.client import Client

from domain.order.messages import Event, PaymentReceived, RefundRecorded
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest, OutsideUnavailable, SignatureRefused
from gateway.auth import anybody
from gateway.bodies import Printable
from gateway.customers_order import order_of_customer
from gateway.errors import OF_ANY_BODY, problems
from gateway.json_bodies import decoded
from starter import late, orders, routing
from starter.contract.examples import ORDER

S = HTTPStatus
PATH = "/api/webhooks/payments"
LONGEST_ID = 255
SECONDS = re.compile(r"[0-9]{1,12}")  # as in the specification; its library also accepts 1.5, 1e9 and nan
PLATFORM = "the platform"
SHOWN = 2000  # characters of an invalid body, for staff

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api/webhooks", tags=["webhooks"], dependencies=[Depends(anybody)])


Id = Annotated[str, Field(max_length=LONGEST_ID), Printable]


class Whose(BaseModel):
    """The order, by its id or by the customer."""

    order_id: Id = Field(default="", description="Order id.", examples=[ORDER])
    customer_id: Id = Field(default="", description="Or customer id of the platform.")
    acc_id: Id | None = Field(default=None, description="Shop account of the customer.")


class PaymentNotice(Whose, PaymentReceived):
    """A payment. Without an order id it is for the customer's newest unpaid order."""


class RefundNotice(Whose, RefundRecorded):
    """A refund. Without an order id it is for the customer's only paid order."""


class Notice(BaseModel):
    """A webhook of the platform."""

    type: Literal["payment.received", "refund.recorded"] = Field(description="Other types are accepted and ignored.")
    timestamp: str = Field(default="", description="Time of the payment or refund.")
    data: PaymentNotice | RefundNotice


class Taken(BaseModel):
    """The outcome of a webhook."""

    order_id: str = Field(description="Order that it was sent to; empty if none matches.")
    event_id: str = Field(description="Id of the webhook.")
    outcome: Literal["heard", "kept", "ignored"] = Field(
        description="heard: delivered to the order. kept: no open order matches; recorded, and staff are notified. "
        "ignored: not a payment or refund."
    )


KINDS: dict[str, tuple[str, type[PaymentNotice] | type[RefundNotice]]] = {
    "payment.received": ("payment_received", PaymentNotice),
    "refund.recorded": ("refund_recorded", RefundNotice),
}
EXAMPLE = {
    "type": "payment.received",
    "timestamp": "2026-11-22T02:15:00Z",
    "data": {"order_id": ORDER, "payment_id": "ALI-20261122-0007", "amount": "25.00", "currency": "CNY"},
}


async def signed(request: Request) -> bytes:
    """Return the body, if its signature matches one of our secrets. Raises SignatureRefused."""
    secrets: list[str] = request.state.payment_secrets
    if not secrets:
        raise OutsideUnavailable("PAYMENT_SECRETS is not set: payments are not accepted")
    body, headers = await request.body(), dict(request.headers)
    if not SECONDS.fullmatch(headers.get("webhook-timestamp", "")):
        raise SignatureRefused("webhook-timestamp is missing or not a whole number of seconds since 1970")
    if not any(_fits(secret, body, headers) for secret in secrets):
        raise SignatureRefused("the signature is invalid, or webhook-timestamp is more than five minutes off")
    return body


def _fits(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: garbage in the signature, or not UTF-8
        return False
    return True


@router.post(
    "/payments",
    status_code=S.ACCEPTED,
    responses=problems(*OF_ANY_BODY, S.UNAUTHORIZED),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Notice"}, "example": EXAMPLE}},
        },
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": about}
            for name, about in {
                "webhook-id": "The same for all retries; a repeat has no effect.",
                "webhook-timestamp": "Seconds since 1970, at most five minutes from now.",
                "webhook-signature": "v1 and the HMAC-SHA256 of `id.timestamp.body`, see standardwebhooks.com.",
            }.items()
        ],
    },
)
async def take_payment(request: Request, body: Annotated[bytes, Depends(signed)]) -> Taken:
    """Accept a payment or refund from the platform.

    Any correctly signed event is accepted (202) and never lost: one that is malformed or matches no open order is
    recorded and reported to staff.
    """
    webhook_id = ids.bounded(
        request.headers["webhook-id"], LONGEST_ID
    )  # two long ids with the same start stay distinct
    client: Client = await request.state.temporal.client()
    try:
        content = decoded(body)
        kind, data = content["type"], content["data"]
        if kind not in KINDS:
            log.info("webhook ignored: not a payment or refund", type=str(kind)[:100])
            return Taken(order_id="", event_id=webhook_id, outcome="ignored")
        signal, model = KINDS[kind]
        notice = model.model_validate(data)
    except (MalformedRequest, ValueError, KeyError, TypeError) as error:  # pydantic's ValidationError is a ValueError
        what = {"body": body.decode()[:SHOWN], "fault": str(error)[:SHOWN]}
        await late.keep(client, "", "payment_webhook", what, webhook_id)
        return Taken(order_id="", event_id=webhook_id, outcome="kept")
    notice.event_id = webhook_id
    return await _pass_on(request, client, signal, notice)


async def _pass_on(request: Request, client: Client, signal: str, notice: PaymentNotice | RefundNotice) -> Taken:
    order_id = ids.order_named(notice.order_id) or await _order_of(request, signal, notice)
    request.scope["order_id"] = order_id  # for the access log
    event = notice.model_dump(exclude=set(Whose.model_fields), exclude_defaults=True)
    plain: Event = (PaymentReceived if signal == "payment_received" else RefundRecorded).model_validate(event)
    if order_id:
        is_heard = await orders.send_or_keep(client, order_id, signal, plain)
    else:
        whole = notice.model_dump(mode="json", exclude_defaults=True)
        await late.keep(client, f"customer {notice.customer_id}", signal, whole, notice.identity)
        is_heard = False
    return Taken(order_id=order_id, event_id=notice.event_id, outcome="heard" if is_heard else "kept")


async def _order_of(request: Request, signal: str, notice: PaymentNotice | RefundNotice) -> str:
    """Return the customer's order for a payment or refund, the same for repeats; '' if none or several match."""
    money = notice.payment_id if isinstance(notice, PaymentNotice) else notice.refund_id
    key = money or notice.event_id
    try:
        return await order_of_customer(request, PLATFORM, signal, notice.customer_id, notice.acc_id, key)
    except (routing.NoOrderMeant, routing.SeveralOrdersMeant) as error:
        log.warning("payment or refund without a matching order", reason=str(error))
        return ""
