"""What a worker measures of its work, for Prometheus. docs/telemetry.md says what each metric means.

Labels come from fixed sets (kinds, outcomes, models of the settings): never an id, a name, or words of a person.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from temporalio.common import MetricMeter

from domain.order.order import Order
from domain.vocabulary.errors import DarkroomError, OutsideRefused, OutsideUnavailable
from domain.vocabulary.status import Status

# The upper bounds of histograms, by name; the SDK's own end at ten seconds.
BOUNDS = {
    "darkroom_outside_call": (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
    "darkroom_model_call": (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300),
    "darkroom_model_cost": (0.0, 0.01, 0.1, 0.5, 1, 2, 5, 10),
    "darkroom_payment_to_preview": (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600),
    "darkroom_qa_score": (10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
}


class Measures:
    """The worker's own metrics; without a meter nothing is measured."""

    def __init__(self, meter: MetricMeter = MetricMeter.noop) -> None:
        self._outside = meter.create_histogram_float(
            "darkroom_outside_call", "Calls to storage, Postgres, the bot, mail and designers", "seconds"
        )
        self._calls = meter.create_histogram_float("darkroom_model_call", "Calls to models", "seconds")
        self._cost = meter.create_histogram_float("darkroom_model_cost", "Cost of calls, in the shop's currency")
        self._score = meter.create_histogram_float("darkroom_qa_score", "Quality scores of results, 0 to 100")
        self._preview = meter.create_histogram_float(
            "darkroom_payment_to_preview", "From the payment to the first preview of a picture", "seconds"
        )
        self._letters = meter.create_counter("darkroom_letters", "E-mails with finished files")

    @contextmanager
    def outside_call(self, service: str, operation: str) -> Iterator[None]:
        """Measure a call to an outside system; an error of ours counts as `error`, an answer of its as `ok`."""
        begun, outcome = time.monotonic(), "error"
        try:
            yield
            outcome = "ok"
        except OutsideUnavailable:
            outcome = "unavailable"
            raise
        except OutsideRefused:
            outcome = "refused"
            raise
        except (DarkroomError, KeyError):
            outcome = "ok"  # it answered
            raise
        finally:
            labels = {"service": service, "operation": operation, "outcome": outcome}
            self._outside.record(time.monotonic() - begun, labels)

    def model_call(
        self, provider: str, model: str, kind: str, outcome: str, seconds: float, cost: Decimal | None = None
    ) -> None:
        """Record how a call to a model ended; the cost is in the shop's currency, None if it is unknown."""
        labels = {"provider": provider, "model": model, "kind": kind}
        self._calls.record(seconds, labels | {"outcome": outcome})
        if cost is not None:
            self._cost.record(float(cost), labels)

    def score(self, operation: str, outcome: str, score: int) -> None:
        """Record the quality score of a result, 0 to 100."""
        self._score.record(float(score), {"operation": operation, "outcome": outcome})

    def letter(self, outcome: str) -> None:
        """Record an e-mail that was sent or refused."""
        self._letters.add(1, {"outcome": outcome})

    def previews(self, reported: Order) -> None:
        """Record how long the pictures of which a report tells the first preview took since the payment."""
        if paid_at := reported.paid_at:
            for shown_at in _first_previews(reported):
                if shown_at >= paid_at:
                    self._preview.record((shown_at - paid_at).total_seconds())


def _first_previews(reported: Order) -> Iterator[datetime]:
    """Yield when pictures were first shown, of the journal's lines that are new with this report."""
    in_first_round = {picture.task_id for picture in reported.pictures if picture.revision_count == 0}
    for entry in reported.journal:
        is_shown = entry.what == "status_changed" and entry.facts.get("to") == Status.AWAITING_CONFIRM
        if is_shown and entry.task_id in in_first_round:
            yield entry.at
