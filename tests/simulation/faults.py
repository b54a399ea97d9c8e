"""What may go wrong, and how often. Each decision is drawn from the seed and counted."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from domain.vocabulary.errors import (
    AddressRefused,
    ModelAnswerUnusable,
    ModelRefused,
    ModelUnavailable,
    OutsideRefused,
    OutsideUnavailable,
    PictureUnreachable,
    ValueRefused,
)
from tests.shop import FakeShop

# What happens to an activity, a workflow task or a delivery, and in what share of them.
RATES: Mapping[str, float] = {
    "worker dies before the effect": 0.05,
    "worker dies after the effect": 0.07,
    "workflow task lost": 0.03,
    "evicted from the cache": 0.05,
    "continued as new": 0.02,
    "timer late": 0.1,
    "signal sent twice": 0.1,
    "signal sent again later": 0.1,
    "called off, and done all the same": 0.8,
    "called off, and the worker dies after the effect": 0.5,
    "answer of the dispatch system lost": 0.03,
    "clock jumps": 0.002,
    "nobody acts for days": 0.03,
}


def _unavailable() -> Exception:
    return OutsideUnavailable("away")


# Ports of the fakes that raise what lies in their list `failures`, how often, and what.
STUMBLES: Mapping[str, tuple[float, tuple[Callable[[], Exception], ...]]] = {
    "mail": (0.06, (_unavailable, lambda: AddressRefused("550"))),
    "chat": (0.05, (_unavailable,)),
    "records": (0.05, (_unavailable,)),
    "staff": (0.05, (_unavailable,)),
    "library": (0.1, (_unavailable, _unavailable, lambda: ValueRefused("22001"))),
    "designers": (0.05, (_unavailable, lambda: OutsideRefused("403"))),
    "roster": (0.03, (_unavailable,)),
    "model": (
        0.08,
        (
            lambda: ModelUnavailable("503"),
            lambda: ModelRefused("refused for safety"),
            lambda: ModelAnswerUnusable("no image"),
        ),
    ),
}


class Faults:
    """The faults of one world."""

    def __init__(self, seed: int, without: Collection[str] = ()) -> None:
        self.random = random.Random(f"faults {seed}")
        self.without, self.counts = frozenset(without), Counter[str]()

    def happens(self, what: str) -> bool:
        """Whether this goes wrong now."""
        drawn = self.random.random() < RATES[what]
        if not drawn or what in self.without:
            return False
        self.counts[what] += 1
        return True

    def trip(self, shop: FakeShop) -> None:
        """Let the next call to some of the outside fail."""
        for name, (rate, errors) in STUMBLES.items():
            drawn, error = self.random.random() < rate, self.random.choice(errors)
            failures = _failures(shop, name)
            if drawn and name not in self.without and not failures:
                failures.append(error())
                self.counts[f"{name} fails"] += 1
        if shop.designers and self.happens("answer of the dispatch system lost"):
            shop.designers.lost_answers = 1
        drawn = self.random.random() < 0.05
        shop.web.failure = PictureUnreachable("404") if drawn and "web" not in self.without else None

    def end(self, shop: FakeShop) -> None:
        """Let everything outside work from now on."""
        self.without = frozenset({*RATES, *STUMBLES, "web"})
        for name in STUMBLES:
            _failures(shop, name).clear()
        shop.web.failure = None


def _failures(shop: FakeShop, name: str) -> list[Exception]:
    port = getattr(shop, name)
    return port.failures if port else []  # a shop may have no dispatch system
