"""The port to the shop's settings, which staff may change while it runs."""

from typing import Protocol

from domain.vocabulary.rules import ShopRules


class ShopSettings(Protocol):
    """The settings as they are now. Only activities ask: what they return is in the history."""

    async def rules(self) -> ShopRules:
        """Return the rules for an order that begins now."""

    async def is_switched_on(self) -> bool:
        """Whether pictures are made automatically."""
