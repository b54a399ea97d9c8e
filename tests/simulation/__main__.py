"""Plays worlds and prints what came of them: `python -m tests.simulation [COUNT] [--first SEED] [--seed SEED]`.

Uses all cores. Ends with status 1 and the story of a failed world, with all events and faults left out that it does
not need.
"""

import argparse
import logging
import multiprocessing
import os
import sys
import time
from collections import Counter

import structlog

from tests.simulation.story import told
from tests.simulation.world import Ending, World

CHUNK = 20
SHOWN = 10  # failed worlds


def play(seed: int) -> Ending:
    """Play one world. Its tale is left out: it would cost more to pass on than to play it again."""
    ending = World(seed).play()
    ending.tale = []
    return ending


def quiet() -> None:
    """Say nothing about the errors that are meant to happen."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main() -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=200, help="number of worlds (default 200)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="play this world alone and print its story")
    asked = parser.parse_args()
    quiet()
    if asked.seed is not None:
        ending = World(asked.seed).play()
        print("\n".join(ending.tale))
        print(told(asked.seed) if ending.violation else "All is well.")
        return 1 if ending.violation else 0
    return _play_many(range(asked.first, asked.first + asked.count))


def _play_many(seeds: range) -> int:
    begun, steps, faults = time.monotonic(), 0, Counter[str]()
    failed: dict[int, str] = {}
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        for ending in pool.imap_unordered(play, seeds, CHUNK):
            steps += ending.steps
            faults.update(ending.faults)
            if ending.violation:
                failed[ending.seed] = ending.violation
    seconds = time.monotonic() - begun
    print(f"{len(seeds)} orders, seeds {seeds.start} to {seeds.stop - 1}, in {seconds:.0f} s: ", end="")
    print(f"{steps} activations, {steps / seconds:.0f} a second; {sum(faults.values())} faults:")
    for what, count in faults.most_common():
        print(f"{count:9}  {what}")
    for seed, violation in sorted(failed.items())[:SHOWN]:
        print(f"seed {seed}: {violation.splitlines()[0][:200]}")
    if failed:
        print(f"{len(failed)} orders failed. The first one, with what it needs to fail:\n{told(min(failed))}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
