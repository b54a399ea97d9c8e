"""How much is measured: everything, or a quick look with `QUICK=1`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The size of a run. `rounds` is how often arms alternate; the others are numbers of things."""

    rounds: int = 5
    orders: int = 60  # in a round
    burst: int = 20  # orders paid at the same moment
    parked: int = 10_000  # orders that wait
    cached: int = 1_000  # of them, whose memory is compared with as many bare workflows
    updates: int = 500  # after a restart
    hashes: int = 1_000_000  # in the photo library
    records: int = 1_000_000  # in the task history
    listed: int = 15_000  # records of several users; one of them has over 10,000, as many as the page lists
    megapixels: tuple[int, ...] = (1, 12, 50)
    large_mb: int = 100  # of a file that must not block the event loop
    repeats: int = 5  # of things that are measured one by one


QUICK = Scale(
    rounds=1,
    orders=20,
    parked=300,
    cached=200,
    updates=50,
    hashes=300_000,
    records=50_000,
    listed=2_000,
    megapixels=(1,),
    large_mb=20,
    repeats=1,
)


def chosen(env: Mapping[str, str] = os.environ) -> Scale:
    """Return the scale that the environment variable QUICK selects."""
    return QUICK if env.get("QUICK", "") not in {"", "0"} else Scale()
