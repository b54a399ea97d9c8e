"""A short storm: many faults at once over several orders. `make storm` plays long ones."""

import os
from pathlib import Path

import pytest

from tests.faults.storm.__main__ import told
from tests.faults.storm.play import Storm, play

SHORT = Storm(int(os.environ.get("SEED", "1")), minutes=0.75, at_once=8)


@pytest.mark.timeout(1200)
async def test_orders_in_a_storm_lose_nothing_double_nothing_and_come_to_an_end(tmp_path: Path) -> None:
    ending = await play(SHORT, tmp_path)
    assert not ending.verdict.troubles, told(SHORT, ending)
    assert ending.repeats, "something was met"
    assert ending.orders >= SHORT.at_once
    assert ending.verdict.histories >= ending.orders
