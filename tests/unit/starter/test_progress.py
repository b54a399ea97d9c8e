"""How far the work on pictures is, read out of what activities told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.heartbeat import Pace, Step
from starter.progress import PictureProgress, progress

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ONE, TWO, THREE = (f"TASK_20261130_7K3F9Q_{number}" for number in (1, 2, 3))


def activity(
    name: str = "produce", *, seconds: float | None = None, task_id: str = "", **heartbeat: Any
) -> dict[str, Any]:
    """A pending activity: in the queue, or begun so many seconds ago, with a heartbeat where it names its picture."""
    told = {"task_id": task_id, "step": "making", "expected": 20.0} | heartbeat if task_id else None
    began_at = NOW - timedelta(seconds=seconds) if seconds is not None else None
    return {"activity": name, "is_begun": seconds is not None, "began_at": began_at, "heartbeat": told}


def test_nothing_is_told_while_nothing_is_at_work() -> None:
    assert progress([activity("report", seconds=1)], [ONE], NOW) == []


def test_a_picture_is_as_far_as_its_time_says_and_the_check_is_still_to_come() -> None:
    (one,) = progress([activity(seconds=10, task_id=ONE)], [ONE], NOW)
    assert one == PictureProgress(ONE, "making", 42, 18)
    (late,) = progress([activity(seconds=100, task_id=ONE)], [ONE], NOW)
    assert (late.percent, late.seconds_left) == (84, None)


def test_the_check_is_the_last_part() -> None:
    (one,) = progress([activity("check", seconds=1, task_id=ONE, step="checking", expected=8)], [ONE], NOW)
    assert (one.step, one.percent, one.seconds_left) == ("checking", 86, 7)


def test_what_no_worker_has_taken_up_waits_in_the_queue() -> None:
    at_work = [activity(seconds=10, task_id=ONE), activity(seconds=1), activity()]
    assert [one.step for one in progress(at_work, [ONE, TWO, THREE], NOW)] == ["making", "making", "queued"]
    assert [one.step for one in progress([activity()], [ONE], NOW)] == ["queued"]


@pytest.mark.parametrize("heartbeat", [{"doing": "something", "seconds": 3.0}, "x", 7, None])
def test_a_heartbeat_of_another_version_is_no_trouble(heartbeat: object) -> None:
    (one,) = progress([activity(seconds=5) | {"heartbeat": heartbeat}], [ONE], NOW)
    assert (one.step, one.percent) == ("making", 0)


def test_the_pace_of_a_machine_is_learned_by_kind_and_within_bounds() -> None:
    pace, step = Pace(), Step(ONE, "making", 20)
    assert pace.expected("enhance local", step) == 20
    pace.note("enhance local", step, 40)
    assert pace.expected("enhance local", step) == 40
    pace.note("enhance local", step, 20)
    assert pace.expected("enhance local", step) == 30
    assert pace.expected("edit gemini", step) == 20
    for _ in range(50):
        pace.note("enhance local", step, 1e9)
    assert pace.expected("enhance local", step) <= 200
