"""The shop's rules, as an order reads them once at its start."""

from temporalio import activity

from domain.messages import ShopRules


class Shop:
    """What the shop has set."""

    def __init__(self, rules: ShopRules) -> None:
        self._rules = rules

    @activity.defn(name="shop_rules")
    async def rules(self) -> ShopRules:
        """Return the rules that hold now."""
        return self._rules
