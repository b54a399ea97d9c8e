"""The image models that the shop has configured, and what attempts with them may cost."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from pydantic import Field

from domain.vocabulary.costs import Spent
from domain.vocabulary.pictures import Lenient, Operation

LOCAL = "local"  # the provider of the packaged networks, which run on the worker's own CPU


class Offer(Lenient):
    """An image model that the shop has configured."""

    provider: str
    model: str
    is_stronger: bool = False  # dearer: used only if its provider's usual model was not good enough
    cost: Decimal = Decimal(0)  # estimate for one attempt, in the shop's currency
    operations: list[Operation] = Field(default_factory=list)  # those it is suited to; empty: all


class Lineup(Lenient):
    """The shop's image models in order of preference, and the cost limit of the attempts at one picture."""

    offers: list[Offer] = Field(default_factory=list)
    cost_limit: Decimal | None = None

    def fit_for(self, operation: Operation) -> list[Offer]:
        """Return the models suited to an operation; if there are none, all models."""
        fit = [offer for offer in self.offers if not offer.operations or operation in offer.operations]
        return fit or self.offers

    def affordable(self, operation: Operation, spent: Spent, *, is_unlimited: bool) -> list[Offer]:
        """Return the models for an operation with which one more attempt stays within the cost limit."""
        fit = self.fit_for(operation)
        return [offer for offer in fit if is_unlimited or self.can_afford(spent, offer.cost)]

    def can_afford(self, spent: Spent, cost: Decimal) -> bool:
        """Whether one more attempt stays within the limit even if every doubtful call is billed."""
        return self.cost_limit is None or spent.most + cost <= self.cost_limit


def of_other_providers(offers: Sequence[Offer], providers: Collection[str]) -> list[Offer]:
    """Return the models of all other providers."""
    return [offer for offer in offers if offer.provider not in providers]
