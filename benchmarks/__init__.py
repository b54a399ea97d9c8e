"""Benchmarks on real servers: `make bench`, or `python -m benchmarks.NAME` for one."""
