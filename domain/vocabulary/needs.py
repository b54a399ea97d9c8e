"""What an order needs of staff."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from domain.texts.phrase import Said


class NeedKind(StrEnum):
    """A kind of thing that staff have to do for an order."""

    PAYMENT = "payment"
    RISK = "risk"
    SHIPPING = "shipping"
    ANSWER = "answer"
    FAILED = "failed"
    LOOK = "look"
    RESUME = "resume"
    PRICE = "price"
    REFUND = "refund"
    LETTER = "letter"
    DESIGNER = "designer"


class Need(BaseModel):
    """One thing that staff have to do, since when, and until when before something happens by itself."""

    kind: NeedKind
    task_id: str = ""  # empty: it concerns the whole order
    why: Said = Field(default_factory=Said)
    since: datetime | None = None
    due_at: datetime | None = None  # None: it waits until somebody acts

    @property
    def name(self) -> str:
        """Its unique name within the order."""
        return f"{self.kind}:{self.task_id}" if self.task_id else str(self.kind)
