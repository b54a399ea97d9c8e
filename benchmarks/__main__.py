"""Runs all benchmarks in turn and prints one table of their figures: `make bench`."""

import asyncio

from benchmarks import figures, find_image, history_page, orders, records

ALL = (orders, find_image, records, history_page)


def main() -> None:
    """Run all benchmarks."""
    measured = [figure for benchmark in ALL for figure in asyncio.run(benchmark.measure())]
    figures.show(measured)
    figures.end(measured)


if __name__ == "__main__":
    main()
