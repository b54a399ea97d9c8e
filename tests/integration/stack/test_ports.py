import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.paths import ROOT
from stack.ports import LOOPBACK, SPARE, choose, release


@pytest.fixture
def busy() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_replaced_by_a_spare_one(busy: int) -> None:
    assert choose({"gateway": busy})["gateway"] in SPARE


def test_names_that_want_the_same_port_get_different_ones() -> None:
    free = choose({"any": 0})["any"]
    ports = choose({"first": free, "second": free})
    assert ports["first"] == free
    assert ports["second"] in set(SPARE) - {free}


def test_a_chosen_port_is_kept_from_others_until_its_server_listens() -> None:
    port = choose({"any": 0})["any"]
    for _ in range(2):  # a server may be restarted
        with pytest.raises(OSError, match="in use"), socket.socket() as stranger:
            stranger.bind((LOOPBACK, port))
        with socket.create_server((LOOPBACK, port)) as server, socket.create_connection((LOOPBACK, port)) as caller:
            server.accept()[0].close()
            caller.recv(1)


def test_a_released_port_can_be_had_by_others() -> None:
    port = choose({"any": 0})["any"]
    release([port])
    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, port))


def test_processes_that_choose_at_the_same_time_choose_different_ports() -> None:
    chosen = choose({str(number): 0 for number in range(300)})
    others = "from stack import ports; print(*ports.choose({str(n): 0 for n in range(300)}).values())"
    found = subprocess.run([sys.executable, "-c", others], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {int(port) for port in found.stdout.split()} & set(chosen.values())
    release(chosen.values())


def test_a_process_gives_up_its_ports_at_its_end_without_a_warning() -> None:
    command = [sys.executable, "-W", "always", "-c", "from stack.ports import choose; choose({'any': 0})"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stderr == b""


def test_a_port_whose_socket_belongs_to_a_stranger_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    free = choose({"any": 0})["any"]
    left_behind = Path(f"/tmp/seaweedfs-filer-grpc-{free}.sock")
    left_behind.touch()
    try:
        monkeypatch.setattr("os.geteuid", lambda: left_behind.stat().st_uid + 1)
        assert choose({"filer": free})["filer"] != free
    finally:
        left_behind.unlink()
