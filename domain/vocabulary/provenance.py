"""Where a picture comes from: what its AI label says about who made it, and how."""

from dataclasses import dataclass
from enum import StrEnum

COMPUTED_BY = ("local-opencv", "local-unchanged")  # the local model where it asks no network


class SourceType(StrEnum):
    """The IPTC's names for how a picture came about."""

    EDITED_BY_MODEL = "compositeWithTrainedAlgorithmicMedia"
    COMPUTED = "algorithmicallyEnhanced"


@dataclass(frozen=True)
class Provenance:
    """What made a picture. One that is only `declared` was made elsewhere, and its sender says that a model did it."""

    produce_id: str
    source: SourceType = SourceType.EDITED_BY_MODEL
    is_declared: bool = False


def made_by_attempt(task_id: str, attempt: int, model: str = "") -> Provenance:
    """Return the provenance of an attempt's pictures; `model` as the ledger names it."""
    source = SourceType.COMPUTED if model in COMPUTED_BY else SourceType.EDITED_BY_MODEL
    return Provenance(f"{task_id}-A{attempt}", source)
