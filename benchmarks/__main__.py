"""Runs all benchmarks in turn and prints one table of their figures: `make bench`."""

from benchmarks import find_image, history, history_page, orders, previews, previews_local, records, start
from benchmarks.running import run

ALL = (orders, history, previews, previews_local, start, find_image, records, history_page)

if __name__ == "__main__":
    run(*(benchmark.BENCHMARK for benchmark in ALL))
