"""Looking again and again: soon at first, then less often, so that what is waited for has the machine to itself."""

from collections.abc import Iterator

FIRST, LONGEST = 0.02, 0.3  # seconds


def pauses() -> Iterator[float]:
    """Yield the pauses between looks, without an end."""
    pause = FIRST
    while True:
        yield pause
        pause = min(pause * 1.3, LONGEST)
