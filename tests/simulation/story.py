"""Makes a failed world small and tells it: events and faults that it does not need to fail are left out."""

from collections.abc import Iterable

from tests.simulation.events import script
from tests.simulation.faults import RATES, STUMBLES
from tests.simulation.world import Ending, World

ALIKE = 30  # characters of two violations that are the same one
MOST_TRIES = 300


def told(seed: int) -> str:
    """Return the story of a failed world: what was needed, what happened, what must not have happened."""
    left_out, without, ending = shrunk(seed)
    needed = sorted({*RATES, *STUMBLES, "web"} - without)
    events = len(script(seed)) - len(left_out)
    return "\n".join(
        [
            f"World({seed}, left_out={sorted(left_out)}, without={sorted(without)})",
            f"needs {events} events, and of the faults: {', '.join(needed) or 'none'}",
            *ending.tale,
            f"!!! {ending.violation}",
        ]
    )


def shrunk(seed: int) -> tuple[set[int], set[str], Ending]:
    """Return which events and faults a failed world can do without, and how it ends then."""
    ending = World(seed).play()
    left_out, without = set[int](), set[str]()
    for candidate in _candidates(seed):
        events, faults = candidate
        smaller = World(seed, left_out | events, without | faults).play()
        if smaller.violation[:ALIKE] == ending.violation[:ALIKE]:
            left_out, without, ending = left_out | events, without | faults, smaller
    return left_out, without, ending


def _candidates(seed: int) -> Iterable[tuple[set[int], set[str]]]:
    """Halves and quarters of the events first, then each fault, then each event."""
    numbers = list(range(len(script(seed))))
    tries: list[tuple[set[int], set[str]]] = [(set(), {name}) for name in (*RATES, *STUMBLES, "web")]
    for parts in (2, 4, 8):
        size = max(1, len(numbers) // parts)
        tries += [(set(numbers[start : start + size]), set()) for start in range(0, len(numbers), size)]
    tries += [({number}, set()) for number in reversed(numbers)]
    return tries[:MOST_TRIES]
