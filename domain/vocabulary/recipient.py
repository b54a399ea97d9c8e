"""The recipient of a chat message."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipient:
    """A customer as the chat platform knows them."""

    customer_id: str
    acc_id: str
    acc_type: str
