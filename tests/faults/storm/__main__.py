"""Plays a storm on real parts and prints what it has done: `make storm MINUTES=10 SEED=1`.

Many orders at once on one stack; every second something is killed, frozen, cut, stalled or slowed down. Ends with
status 1 if anything of an order is lost, doubled or stuck; then the logs are kept in test-logs/storm/.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from runtime.paths import ROOT
from tests.faults.storm.play import Ending, Storm, play

LOGS = ROOT / "test-logs" / "storm"


def main() -> int:
    """Run the command; return the exit status."""
    usual = Storm()
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="with faults (default %(default)s)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="what the faults are drawn from (default 1)")
    parser.add_argument("--orders", type=int, default=usual.at_once, help="at once (default %(default)s)")
    parser.add_argument("--pause", type=float, default=usual.pause, help="seconds between two faults (%(default)s)")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # the SDK's, of connections that break on purpose
    storm = Storm(asked.seed, asked.minutes, asked.orders, asked.pause)
    with tempfile.TemporaryDirectory(prefix="storm-", ignore_cleanup_errors=True) as name:
        ending = asyncio.run(play(storm, Path(name)))
        if ending.verdict.troubles:
            shutil.copytree(Path(name) / "logs", LOGS, dirs_exist_ok=True)
            for log in Path(name).glob("*.log"):
                shutil.copy(log, LOGS)
    print(told(storm, ending))
    return 1 if ending.verdict.troubles else 0


def told(storm: Storm, ending: Ending) -> str:
    """Return what came of a storm: its table, what nobody could know, and every trouble."""
    head = (
        f"Seed {storm.seed}: {ending.orders} orders, at most {storm.at_once} at once, {sum(ending.repeats.values())} "
        f"faults in {storm.minutes:g} minutes; {ending.verdict.histories} histories replayed; all settled "
        f"{ending.settled_after:.0f} s after the last fault."
    )
    unknowable = [f"- {count} {what}" for what, count in ending.verdict.unknowable.items()]
    staff = [f"- {count} orders that staff had to resume: {what}" for what, count in ending.resumed.items()]
    troubles = list(map(str, ending.verdict.troubles))
    apart = ["Counted apart, because nobody can know whether it has happened:", *unknowable, *staff]
    return "\n".join([head, "", ending.table, "", *apart, *(["", *troubles] if troubles else [])])


if __name__ == "__main__":
    sys.exit(main())
