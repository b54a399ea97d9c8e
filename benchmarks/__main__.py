"""Runs all benchmarks in turn and prints one table of their figures: `make bench`."""

from benchmarks import (
    event_loop,
    find_image,
    footprint,
    history,
    history_page,
    imaging,
    orders,
    parked,
    previews,
    previews_local,
    records,
    start,
    uploads,
)
from benchmarks.running import run

ALL = (
    orders, history, footprint, previews, previews_local, parked, event_loop, records, find_image, history_page,
    uploads, imaging, start,
)  # fmt: skip

if __name__ == "__main__":
    run(*(benchmark.BENCHMARK for benchmark in ALL))
