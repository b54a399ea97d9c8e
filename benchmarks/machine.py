"""Describes the machine and the day of a measurement, without the machine's name or paths."""

import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

GIGABYTE = 10**9
CPU_INFO = Path("/proc/cpuinfo")


def description() -> str:
    """Return date, CPU, memory, kernel, Python and the load before the measurement, in one line."""
    cores, load = psutil.cpu_count() or 0, psutil.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on {cores} cores ({cpu_model(CPU_INFO)}), "
        f"{psutil.virtual_memory().total / GIGABYTE:.0f} GB of memory, Linux {platform.release()}, "
        f"Python {platform.python_version()}; load before: {load:.1f}."
    )


def cpu_model(cpu_info: Path) -> str:
    """Return the CPU's name from /proc/cpuinfo, or its architecture if the kernel tells no name."""
    for line in cpu_info.read_text().splitlines() if cpu_info.exists() else []:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
