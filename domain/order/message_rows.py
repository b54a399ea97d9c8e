"""A row of messages: what a customer sends within seconds is read as one message after a pause."""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field

MOST_PARTS, MOST_WORDS = 10, 500  # of a row; beyond these it is read at once


class Part(BaseModel):
    """One message of a row; the sender of an update waits for its answer."""

    event: str
    text: str
    at: datetime
    is_update: bool = False
    is_answered: bool = False


class Row(BaseModel):
    """Messages that a customer sent without a pause, and whether their effect waits for the pause."""

    parts: list[Part] = Field(default_factory=list)
    is_held: bool = False
    previews: list[str] = Field(default_factory=list)  # shown to the customer when the row began

    @property
    def text(self) -> str:
        """The whole text."""
        return "\n".join(part.text for part in self.parts)

    @property
    def is_full(self) -> bool:
        """Whether it is read without waiting for more."""
        return len(self.parts) >= MOST_PARTS or len(self.text) > MOST_WORDS

    def until(self, pause: float) -> datetime | None:
        """Return when the pause ends, or None if nothing waits for it."""
        return self._end(pause) if self.parts and self.is_held else None

    def is_over(self, pause: float, now: datetime) -> bool:
        """Whether a message at this time begins a new row."""
        return bool(self.parts) and self._end(pause) <= now

    def _end(self, pause: float) -> datetime:
        """One pause after the last message, and at most two after the first, since the sender waits for an answer."""
        last, longest = self.parts[-1].at + timedelta(seconds=pause), self.parts[0].at + timedelta(seconds=2 * pause)
        return min(last, longest)

    def waits(self, event: str) -> bool:
        """Whether this event gets its answer once the row is read."""
        return any(part.event == event and not part.is_answered for part in self.parts)
