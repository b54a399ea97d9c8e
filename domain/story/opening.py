"""How an order begins: a request becomes the order's first state, or an earlier run hands its state over."""

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
    """What a long order takes into its next run; deadlines are part of the order, as moments."""

    order: Order
    inbox: Inbox


ABOUT_THE_CUSTOMER = {"customer_id", "customer_name", "acc_id", "acc_type", "owner"}


def open_order(workflow_id: str, request: Any, now: datetime) -> Order:
    """Make an order of what its workflow was started with. Raises MalformedRequest, saying which field is wrong."""
    try:
        order_id = ids.order_of(workflow_id)
        parsed = OrderRequest.model_validate(request)
    except ValidationError as error:
        raise MalformedRequest(f"This starts no order: {faults(error)}") from error
    except ValueError as error:
        raise MalformedRequest(f"This starts no order: {error}") from error
    order = Order(order_id=order_id, created_at=now, **parsed.model_dump(include=ABOUT_THE_CUSTOMER))
    order.email = language.exact_address(parsed.email or "")  # one that looks mistyped is asked for when it is needed
    order.note("order_started", now, by="customer", customer=order.customer_id, shop=order.acc_id)
    for picture in parsed.pictures:
        add_picture(order, picture, now, sent=len(parsed.pictures))
    return order
