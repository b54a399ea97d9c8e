"""The line about the machine names what matters for speed, and not whose machine it is."""

import platform
import re
from pathlib import Path

from benchmarks import machine


def test_the_machine_is_described_without_its_name() -> None:
    words = machine.description()
    assert re.match(r"Measured on \d{4}-\d\d-\d\d on \d+ cores \(.+\), \d+ GB of memory, Linux ", words)
    assert platform.node() not in words.split()
    assert "/" not in words


def test_the_cpu_is_named_by_the_kernel_or_else_by_its_kind(tmp_path: Path) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text("processor\t: 0\nmodel name\t: Fast One\nmodel\t: 7\n")
    assert machine.cpu_model(told) == "Fast One"
    assert machine.cpu_model(tmp_path / "none") == platform.machine()
