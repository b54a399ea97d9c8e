import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

import psutil
import pytest

from runtime.paths import ROOT

UP = "Press Ctrl-C to stop"


class Command:
    """A running `python -m stack` with the servers that start fastest, and what it has said."""

    def __init__(self, data: Path, output: Path, terminal: int | None = None) -> None:
        argv = [sys.executable, "-m", "stack", "--data", str(data), "--without", "simulators,migrations,worker,gateway"]
        self.data = data
        self.output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                argv, cwd=ROOT, stdout=terminal or file, stderr=terminal or file, env={**os.environ, "COLUMNS": "200"}
            )
        self.servers: list[psutil.Process] = []

    def said(self) -> str:
        return self.output.read_text()

    def until(self, words: str) -> None:
        deadline = time.monotonic() + 60
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        self.servers = psutil.Process(self.process.pid).children(recursive=True)

    def end(self, signum: Signals) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=60)

    def left_over(self) -> list[psutil.Process]:
        _, alive = psutil.wait_procs(self.servers, timeout=10)
        return [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Starts the command on a folder with spaces and Chinese; ends it after the test."""
    commands: list[Command] = []

    def start(terminal: int | None = None) -> Command:
        commands.append(Command(tmp_path / "某 店" / "data", tmp_path / f"output-{len(commands)}", terminal))
        return commands[-1]

    yield start
    for command in commands:
        if command.process.poll() is None:
            command.end(SIGTERM)


@pytest.mark.parametrize("signum", [SIGINT, SIGTERM])
def test_a_signal_stops_everything_and_is_no_failure(up: Callable[..., Command], signum: Signals) -> None:
    command = up()
    command.until(UP)
    assert (command.data / "stack.env").exists()
    assert {process.name() for process in command.servers} >= {"temporal", "postgres", "weed"}
    assert command.end(signum) == 0, command.said()
    assert not command.left_over()
    assert not (command.data / "stack.env").exists()


def test_a_window_that_is_closed_stops_everything(up: Callable[..., Command]) -> None:
    """What is printed then goes nowhere: the reader of its output is gone."""
    ours, theirs = os.openpty()
    command = up(theirs)
    os.close(theirs)
    said = b""
    while UP.encode() not in said:
        said += os.read(ours, 10_000)
    command.servers = psutil.Process(command.process.pid).children(recursive=True)
    os.close(ours)
    command.end(SIGHUP)
    assert not command.left_over()
    assert not (command.data / "stack.env").exists()


def test_a_second_ctrl_c_kills_everything_and_the_data_can_be_used_again(up: Callable[..., Command]) -> None:
    command = up()
    command.until(UP)
    command.process.send_signal(SIGINT)
    command.until("is stopping")
    command.process.send_signal(SIGINT)
    command.process.wait(timeout=60)
    assert not command.left_over()
    again = up()
    again.until(UP)


def test_a_pid_file_of_the_dead_is_no_hindrance(up: Callable[..., Command]) -> None:
    command = up()
    command.until(UP)
    pid_file = command.data / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    assert command.end(SIGINT) == 0
    lines[0] = str(os.getpid())  # as when a server was killed, and its id is another process's by now
    pid_file.write_text("\n".join(lines[:6]) + "\n")
    again = up()
    again.until(UP)


def test_a_signal_during_the_start_stops_everything(up: Callable[..., Command]) -> None:
    command = up()
    command.until("temporal is ready")
    assert command.end(SIGINT) == 0, command.said()
    assert not command.left_over()


def test_no_orphan_is_left_when_the_supervisor_is_killed_and_the_data_can_be_used_again(
    up: Callable[..., Command],
) -> None:
    command = up()
    command.until(UP)
    command.end(SIGKILL)
    assert not command.left_over()
    again = up()
    again.until(UP)


def test_a_server_that_dies_is_named_and_takes_the_others_with_it(up: Callable[..., Command]) -> None:
    command = up()
    command.until(UP)
    next(process for process in command.servers if process.name() == "weed").kill()
    assert command.process.wait(timeout=60) == 1
    assert "storage was killed by SIGKILL; last lines of" in command.said()
    assert "no order is lost. Restart with `make up`" in command.said()
    assert not command.left_over()


def test_a_second_stack_on_the_same_data_is_refused_and_the_first_goes_on(up: Callable[..., Command]) -> None:
    first = up()
    first.until("temporal is ready")
    second = up()
    assert second.process.wait(timeout=60) == 1
    assert f"process {first.process.pid} is already running a stack on" in second.said()
    first.until(UP)
    assert (first.data / "stack.env").exists()


def test_a_busy_port_is_told_and_another_one_used(up: Callable[..., Command]) -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", 5433))
            holder.listen()
        except OSError:
            pass  # then somebody else makes it busy
        command = up()
        command.until(UP)
    assert "port 5433 is in use: postgres uses " in command.said()


def test_a_server_that_is_not_known_is_refused() -> None:
    argv = [sys.executable, "-m", "stack", "--without", "mainframe"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unknown servers: mainframe" in done.stderr
