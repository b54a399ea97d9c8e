import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from signal import SIGINT, SIGSTOP
from typing import Any

import psutil
import pytest

from stack.child import Child
from stack.errors import CannotStart, ChildDied, NotReady
from stack.folder import DataFolder
from stack.progress import Progress
from stack.supervisor import Supervisor

STANDIN = Path(__file__).with_name("standin.py")
Supervise = Callable[..., Supervisor]


@pytest.fixture
def child(tmp_path: Path) -> Callable[..., Child]:
    """A description of a stand-in: its name, how it behaves, and the rest of Child."""

    def describe(name: str, *how: str, **rest: Any) -> Child:
        ready = tmp_path / f"{name}.ready"

        async def is_ready() -> bool:
            return "job" in how or ready.exists()

        argv = [sys.executable, str(STANDIN), str(ready), *how]
        return Child(name=name, argv=argv, is_ready=is_ready, is_job="job" in how, **rest)

    return describe


@pytest.fixture
async def supervise(tmp_path: Path) -> AsyncIterator[Supervise]:
    """Makes a supervisor of these children, and stops it after the test."""
    folder = DataFolder(tmp_path)
    folder.hold()
    made: list[Supervisor] = []

    def make(*children: Child) -> Supervisor:
        made.append(Supervisor(children, folder, Progress()))
        return made[-1]

    yield make
    for supervisor in made:
        await supervisor.stop()
    folder.release()


def story(tmp_path: Path, *names: str) -> dict[str, str]:
    return {name: (tmp_path / f"{name}.story").read_text() for name in names}


def has_ended(process: psutil.Process) -> bool:
    """Also one that nobody has buried yet, where process 1 does not."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_one_starts_only_when_what_it_needs_is_ready(child: Any, supervise: Supervise, tmp_path: Path) -> None:
    async def base_is_ready() -> None:
        assert (tmp_path / "base.ready").exists()
        assert (tmp_path / "tables.story").exists()

    base, tables = child("base"), child("tables", "job", needs=["base"])
    await supervise(base, tables, child("top", needs=["tables"], prepare=base_is_ready)).start("top")
    assert (tmp_path / "top.ready").exists()


async def test_one_alone_starts_what_it_needs_and_nothing_else(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("base"), child("top", needs=["base"]), child("other"))
    await supervisor.start("top")
    assert set(supervisor.runs) == {"base", "top"}


async def test_those_that_do_not_need_each_other_start_side_by_side(child: Any, supervise: Supervise) -> None:
    together = asyncio.Barrier(2)
    children = [child(name, prepare=together.wait) for name in ("one", "other")]
    async with asyncio.timeout(60):
        await supervise(*children).start("one", "other")


async def test_a_need_that_is_left_out_is_not_waited_for(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("top", needs=["left out"]))
    await supervisor.start("top")
    assert set(supervisor.runs) == {"top"}


async def test_one_that_dies_at_its_start_is_named_with_its_last_words(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("base"), child("worker", "broken", needs=["base"]))
    with pytest.raises(ChildDied, match=r"worker exited with code 1; .*\n    no such table: orders"):
        await supervisor.start("worker")


async def test_a_job_that_fails_is_named(child: Any, supervise: Supervise, tmp_path: Path) -> None:
    job = Child(name="migrations", argv=[sys.executable, "-c", "exit(3)"], is_job=True)
    with pytest.raises(ChildDied, match="migrations exited with code 3"):
        await supervise(job).start("migrations")


async def test_one_that_dies_later_ends_the_wait(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("base"), child("worker", "mortal"))
    await supervisor.start("base", "worker")
    with pytest.raises(ChildDied, match="out of paper"):
        await supervisor.wait()


async def test_one_that_never_answers_is_named_at_its_deadline(child: Any, supervise: Supervise) -> None:
    with pytest.raises(NotReady, match="gateway is not ready after"):
        await supervise(child("gateway", "slow", ready_within=0.3)).start("gateway")


async def test_a_program_that_is_not_there_is_named(supervise: Supervise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stack.launch.shutil.which", lambda name: None)  # as where there is no setpriv
    with pytest.raises(CannotStart, match="cannot start temporal"):
        await supervise(Child(name="temporal", argv=["/no/such/program"])).start("temporal")


async def test_each_stops_by_its_own_signal_and_before_what_it_needs(
    child: Any, supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise(child("base", stop_signal=SIGINT), child("top", needs=["base"]))
    await supervisor.start("top")
    top, base = (supervisor.runs[name].process.pid for name in ("top", "base"))
    stopping = asyncio.create_task(supervisor.stop())
    while psutil.pid_exists(top):
        assert psutil.pid_exists(base)
        await asyncio.sleep(0.001)
    await stopping
    assert story(tmp_path, "base", "top") == {
        "base": "base starts\nbase stops on SIGINT\n",
        "top": "top starts\ntop stops on SIGTERM\n",
    }


async def test_one_that_does_not_stop_is_killed_after_its_grace(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("deaf", "deaf", stop_within=0.2))
    await supervisor.start("deaf")
    await supervisor.stop()
    assert supervisor.runs["deaf"].process.returncode == -9


async def test_a_stop_during_the_start_leaves_nothing_running(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("slow", "slow"), child("top", needs=["slow"]))
    starting = asyncio.create_task(supervisor.start("top"))
    while "slow" not in supervisor.runs:  # noqa: ASYNC110 - it sets no event
        await asyncio.sleep(0.01)
    starting.cancel()
    await supervisor.stop()
    assert supervisor.runs["slow"].process.returncode is not None
    assert "top" not in supervisor.runs


@pytest.mark.parametrize("end", ["stop", "death"])
async def test_what_a_child_has_started_itself_ends_with_it(
    child: Any, supervise: Supervise, tmp_path: Path, end: str
) -> None:
    supervisor = supervise(child("parent", "parent"))
    await supervisor.start("parent")
    grandchild = psutil.Process(int((tmp_path / "logs" / "parent.log").read_text().split()[1]))
    await (supervisor.stop() if end == "stop" else supervisor.kill("parent"))
    async with asyncio.timeout(60):
        while not has_ended(grandchild):  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.01)


async def test_one_killed_on_purpose_is_no_news_and_can_be_restarted(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("worker"), child("top", needs=["worker"]))
    await supervisor.start("top")
    first = supervisor.runs["worker"].process.pid
    await supervisor.kill("worker")
    assert not psutil.pid_exists(first)
    await supervisor.restart("worker")
    assert supervisor.runs["worker"].process.pid != first
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(supervisor.wait(), 0.2)


async def test_one_that_is_frozen_can_be_restarted(child: Any, supervise: Supervise) -> None:
    supervisor = supervise(child("worker", stop_within=0.2))
    await supervisor.start("worker")
    await supervisor.kill("worker", SIGSTOP)
    await supervisor.restart("worker")
    assert psutil.Process(supervisor.runs["worker"].process.pid).status() != psutil.STATUS_STOPPED
