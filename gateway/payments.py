"""The payment webhook: what the shop platform tells of money, signed as Standard Webhooks says."""

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
SECONDS = re.compile(r"[0-9]{1,12}")  # a timestamp as the specification has it; its library also takes 1.5, 1e9 and nan
PLATFORM = "the platform"
SHOWN = 2000  # characters of a body that makes no sense, for staff

log = structlog.get_logger("gateway")
router = APIRouter(prefix="/api/webhooks", tags=["webhooks"], dependencies=[Depends(anybody)])


Id = Annotated[str, Field(max_length=LONGEST_ID), Printable]


class Whose(BaseModel):
    """Whose order is meant: by the order's id, or by the customer's."""

    order_id: Id = Field(default="", description="Our order.", examples=[ORDER])
    customer_id: Id = Field(default="", description="Or the customer who has it.")
    acc_id: Id | None = Field(default=None, description="And their shop account.")


class PaymentNotice(Whose, PaymentReceived):
    """Money came in. Without an order's id the newest unpaid order of the customer is meant."""


class RefundNotice(Whose, RefundRecorded):
    """Money went back. Without an order's id the only order of the customer that money was paid for is meant."""


class Notice(BaseModel):
    """What the platform sends."""

    type: Literal["payment.received", "refund.recorded"] = Field(description="Other types are taken and ignored.")
    timestamp: str = Field(default="", description="When it happened.")
    data: PaymentNotice | RefundNotice


class Taken(BaseModel):
    """What became of a notice."""

    order_id: str = Field(description="The order that it went to; empty where none could be told.")
    event_id: str = Field(description="The webhook's id.")
    outcome: Literal["heard", "kept", "ignored"] = Field(
        description="heard: the order has it. kept: no open order fits; it is on record, and staff are told. "
        "ignored: a type that says nothing of money."
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
    """Return the body of a request whose signature fits one of our secrets. Raises SignatureRefused."""
    secrets: list[str] = request.state.payment_secrets
    if not secrets:
        raise OutsideUnavailable("PAYMENT_SECRETS is not set: no payment is taken")
    body, headers = await request.body(), dict(request.headers)
    if not SECONDS.fullmatch(headers.get("webhook-timestamp", "")):
        raise SignatureRefused("the webhook-timestamp is missing, or no whole number of seconds since 1970")
    if not any(_fits(secret, body, headers) for secret in secrets):
        raise SignatureRefused("the signature does not fit, or the webhook-timestamp is not of the last five minutes")
    return body


def _fits(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # a ValueError: garbage in the signature, or not UTF-8
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
                "webhook-id": "The same over retries: it changes nothing a second time.",
                "webhook-timestamp": "Seconds since 1970, at most five minutes from now.",
                "webhook-signature": "v1 and the HMAC-SHA256 of `id.timestamp.body`, as standardwebhooks.com says.",
            }.items()
        ],
    },
)
async def take_payment(request: Request, body: Annotated[bytes, Depends(signed)]) -> Taken:
    """Take what the platform tells of money.

    Whatever bears a good signature is never lost: what fits no open order, or makes no sense, is put on record, staff
    are told, and the answer is 202 all the same.
    """
    webhook_id = ids.bounded(request.headers["webhook-id"], LONGEST_ID)  # two that begin alike stay two
    client: Client = await request.state.temporal.client()
    try:
        content = decoded(body)
        kind, data = content["type"], content["data"]
        if kind not in KINDS:
            log.info("a webhook of a type that says nothing of money", type=str(kind)[:100])
            return Taken(order_id="", event_id=webhook_id, outcome="ignored")
        signal, model = KINDS[kind]
        notice = model.model_validate(data)
    except (MalformedRequest, ValueError, KeyError, TypeError) as error:  # pydantic's is a ValueError
        what = {"body": body.decode()[:SHOWN], "fault": str(error)[:SHOWN]}
        await late.keep(client, "", "payment_webhook", what, webhook_id)
        return Taken(order_id="", event_id=webhook_id, outcome="kept")
    notice.event_id = webhook_id
    return await _pass_on(request, client, signal, notice)


async def _pass_on(request: Request, client: Client, signal: str, notice: PaymentNotice | RefundNotice) -> Taken:
    order_id = ids.order_named(notice.order_id) or await _order_of(request, signal, notice)
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
    """Return the customer's order that is meant, the same for the same money; empty where that cannot be told."""
    money = notice.payment_id if isinstance(notice, PaymentNotice) else notice.refund_id
    key = money or notice.event_id
    try:
        return await order_of_customer(request, PLATFORM, signal, notice.customer_id, notice.acc_id, key)
    except (routing.NoOrderMeant, routing.SeveralOrdersMeant) as error:
        log.warning("money that fits no order of its customer", reason=str(error))
        return ""
