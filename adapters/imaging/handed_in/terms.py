"""On what terms finished files are taken: plain values, so that the worker's own process loads no image library."""

from dataclasses import dataclass

from adapters.imaging.labels.credentials import Credentials
from adapters.imaging.labels.packet import AiLabel
from adapters.imaging.limits import Limits


@dataclass(frozen=True)
class Terms:
    """The limits, the text of the preview's watermark, the label of a model that took part, and who signs."""

    limits: Limits
    watermark: str
    label: AiLabel | None
    credentials: Credentials | None = None
