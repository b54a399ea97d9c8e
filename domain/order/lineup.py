"""The image models that the shop has set up, and what attempts with them may cost."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from pydantic import Field

from domain.vocabulary.costs import Spent
from domain.vocabulary.pictures import Lenient, Operation


class Offer(Lenient):
    """An image model that the shop has set up."""

    provider: str
    model: str
    is_stronger: bool = False  # dearer, and taken only where the usual one of its provider was not good enough
    cost: Decimal = Decimal(0)  # about what one attempt costs, in the shop's currency
    operations: list[Operation] = Field(default_factory=list)  # those it is fit for; none named: all


class Lineup(Lenient):
    """The image models of the shop, the preferred one first, and what the attempts at one picture may cost."""

    offers: list[Offer] = Field(default_factory=list)
    cost_limit: Decimal | None = None

    def fit_for(self, operation: Operation) -> list[Offer]:
        """Return the models for an operation; where none is fit for it, all of them: one has to try."""
        fit = [offer for offer in self.offers if not offer.operations or operation in offer.operations]
        return fit or self.offers

    def affordable(self, operation: Operation, spent: Spent, *, is_unlimited: bool) -> list[Offer]:
        """Return the models for an operation of which one more attempt keeps within the limit."""
        fit = self.fit_for(operation)
        return [offer for offer in fit if is_unlimited or self.can_afford(spent, offer.cost)]

    def can_afford(self, spent: Spent, cost: Decimal) -> bool:
        """Whether one more attempt keeps within the limit, though all that is doubtful were billed."""
        return self.cost_limit is None or spent.most + cost <= self.cost_limit


def of_other_providers(offers: Sequence[Offer], providers: Collection[str]) -> list[Offer]:
    """Return the models of providers besides these."""
    return [offer for offer in offers if offer.provider not in providers]
