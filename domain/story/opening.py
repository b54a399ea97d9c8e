"""How an order begins: from a request, or with the state carried over from an earlier run."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from domain import language
from domain.order.inbox import Inbox
from domain.order.messages import OrderRequest
from domain.order.order import Order
from domain.story.handling.pictures import add_picture
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.validation import faults


class Carried(BaseModel):
    """What a long order carries into its next run. Deadlines are points in time in the order itself."""

    order: Order
    inbox: Inbox


ABOUT_THE_CUSTOMER = {"customer_id", "customer_name", "acc_id", "acc_type", "owner"}


def open_order(workflow_id: str, request: Any, now: datetime) -> Order:
    """Return the order for the request of a workflow. Raises MalformedRequest, naming the invalid field."""
    try:
        order_id = ids.order_of(workflow_id)
        parsed = OrderRequest.model_validate(request)
    except ValidationError as error:
        raise MalformedRequest(f"Invalid order request: {faults(error)}") from error
    except ValueError as error:
        raise MalformedRequest(f"Invalid order request: {error}") from error
    order = Order(order_id=order_id, created_at=now, **parsed.model_dump(include=ABOUT_THE_CUSTOMER))
    order.email = language.exact_address(parsed.email or "")  # one that looks mistyped is asked for later
    order.note("order_started", now, by="customer", customer=order.customer_id, shop=order.acc_id)
    for picture in parsed.pictures:
        add_picture(order, picture, now, sent=len(parsed.pictures))
    return order
