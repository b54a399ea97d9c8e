"""Who gets the next free imaging process. No process is started."""

import asyncio
import gc
from typing import Any

import pytest

from activities.failures import TIME_SHARE
from adapters.imaging import children
from adapters.imaging.children import HEAD_START, Children
from domain.vocabulary.errors import OutsideUnavailable
from workflows.options import CHECK, EXAMINE, Options


class Pool(Children):
    """A pool whose jobs end when the test says so."""

    def __init__(self, processes: int) -> None:
        self.urgency, self.seconds = 0, 0.0
        super().__init__(processes, urgency=lambda: self.urgency, clock=lambda: self.seconds)
        self.begun, self.most_at_once, self.at_work = list[str](), 0, 0
        self.one_ends = asyncio.Semaphore(0)

    async def ask(self, job: str, name: str, urgency: int = 0) -> asyncio.Task[Any]:
        self.urgency = urgency
        task = asyncio.create_task(self.run(job, name))
        await asyncio.sleep(0)
        return task

    async def _try(self, job: str, arguments: tuple[Any, ...]) -> Any:
        self.begun.append(arguments[0])
        self.at_work += 1
        self.most_at_once = max(self.most_at_once, self.at_work)
        await self.one_ends.acquire()
        self.at_work -= 1


async def end_all(pool: Pool, *asked: asyncio.Task[Any]) -> None:
    for _ in asked:
        pool.one_ends.release()
    await asyncio.gather(*asked)


@pytest.mark.parametrize("processes", [1, 3])
async def test_no_more_jobs_run_than_there_are_processes(processes: int) -> None:
    pool = Pool(processes)
    asked = [await pool.ask("decode:inspect", str(number)) for number in range(10)]
    assert len(pool.begun) == processes
    await end_all(pool, *asked)
    assert (pool.most_at_once, len(pool.begun)) == (processes, 10)


async def test_the_most_urgent_step_gets_the_next_process_and_a_slow_one_comes_after_its_equals() -> None:
    pool = Pool(1)
    asked = [
        await pool.ask("decode:inspect", "at work", 5),
        await pool.ask("decode:inspect", "first look", 5),
        await pool.ask("make:make", "networks", 2),
        await pool.ask("finish:finish", "finish", 2),
        await pool.ask("check:check", "check", 1),
    ]
    await end_all(pool, *asked)
    assert pool.begun == ["at work", "check", "finish", "networks", "first look"]


async def test_nobody_is_overtaken_forever() -> None:
    pool = Pool(1)
    asked = [await pool.ask("check:check", "at work", 1), await pool.ask("decode:inspect", "first look", 5)]
    pool.seconds += 4 * HEAD_START + 1
    asked.append(await pool.ask("check:check", "check", 1))
    await end_all(pool, *asked)
    assert pool.begun == ["at work", "first look", "check"]


async def test_a_step_that_waits_too_long_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LONGEST_WAIT", 0.001)
    pool = Pool(1)
    at_work = await pool.ask("decode:inspect", "at work")
    with pytest.raises(OutsideUnavailable, match="no imaging process is free") as raised:
        await pool.run("decode:inspect", "too late")
    assert (raised.value.permanent, raised.value.tries) == (False, None)
    assert raised.value.retry_after
    await end_all(pool, at_work)
    assert pool.begun == ["at work"]


@pytest.mark.parametrize(
    ("options", "jobs"),
    [
        (EXAMINE, ["decode:inspect", "preview:previews", "analyse:analyse"]),
        (EXAMINE, ["handed_in.accepting:accept"]),
        (CHECK, ["check:check", "score:score"]),
    ],
)
def test_the_steps_of_an_activity_end_within_its_timeout(options: Options, jobs: list[str]) -> None:
    """Else a slow picture would not be refused: the activity would time out, and be tried again."""
    given = options["start_to_close_timeout"].total_seconds() * TIME_SHARE
    assert sum(Children().deadline(job) for job in jobs) < given


def test_no_later_step_walks_through_what_an_earlier_one_loaded() -> None:
    loaded = [[number] for number in range(1000)]
    try:
        children._give_back()
        walked = {id(one) for one in gc.get_objects()}
        assert not any(id(one) in walked for one in loaded)
    finally:
        gc.unfreeze()
