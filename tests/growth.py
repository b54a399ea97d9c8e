"""How the work for a text grows with its length: a ratio of two times, which a busy machine hardly changes."""

import gc
from collections.abc import Callable
from time import thread_time

SHORT, TIMES = 500, 16  # characters, and how many times as many are in the long text
MOST = 64.0  # in proportion it would be 16, by the square 256
TRIES = 5


def assert_in_proportion(read: Callable[[str], object], words: str) -> None:
    """Assert that a long text of these words takes no more than its share of the work of a short one.

    Only a reader that is worse in each of several tries fails: whatever else is at work can only make a try slower.
    """
    read(words)  # what is made at the first use
    growth = min(_until_good(read, words))
    assert growth < MOST, f"{TIMES} times the text took {growth:.0f} times the work"


def _until_good(read: Callable[[str], object], words: str) -> list[float]:
    found = []
    for number in range(TRIES):
        short = _time_of(read, _of_length(words, SHORT + number))  # another text each time: none is remembered
        found.append(_time_of(read, _of_length(words, SHORT * TIMES + number)) / short)
        if found[-1] < MOST:
            break
    return found


def _of_length(words: str, length: int) -> str:
    return (words * (length // len(words) + 1))[:length]


def _time_of(read: Callable[[str], object], text: str) -> float:
    """The time of this thread alone, without the clearing away of what other tests left in this process."""
    gc.disable()
    try:
        started = thread_time()
        read(text)
        return thread_time() - started
    finally:
        gc.enable()
