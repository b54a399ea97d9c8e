"""Words of a customer that come one after another within seconds: they are read as one, when the row is over."""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field

MOST_PARTS, MOST_WORDS = 10, 500  # more than that is no row of chat lines, and is read at once


class Part(BaseModel):
    """One message of a row; the sender of an update waits for its answer."""

    event: str
    text: str
    at: datetime
    is_update: bool = False
    is_answered: bool = False


class Row(BaseModel):
    """What a customer wrote without a pause, and whether something that follows from it waits for the pause."""

    parts: list[Part] = Field(default_factory=list)
    is_held: bool = False
    previews: list[str] = Field(default_factory=list)  # that lay before the customer when it began

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(part.text for part in self.parts)

    @property
    def is_full(self) -> bool:
        """Whether it is read without waiting for more."""
        return len(self.parts) >= MOST_PARTS or len(self.text) > MOST_WORDS

    def until(self, pause: float) -> datetime | None:
        """Return when the pause is over, where something waits for that."""
        return self._end(pause) if self.parts and self.is_held else None

    def is_over(self, pause: float, now: datetime) -> bool:
        """Whether what is said now begins another row."""
        return bool(self.parts) and self._end(pause) <= now

    def _end(self, pause: float) -> datetime:
        """A pause after the last words, and no later than two after the first: somebody waits for an answer."""
        last, longest = self.parts[-1].at + timedelta(seconds=pause), self.parts[0].at + timedelta(seconds=2 * pause)
        return min(last, longest)

    def waits(self, event: str) -> bool:
        """Whether this event is to be answered once the row is read."""
        return any(part.event == event and not part.is_answered for part in self.parts)
