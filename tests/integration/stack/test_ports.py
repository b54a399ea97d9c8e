import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.ports import SPARE, choose


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


def test_a_port_whose_socket_belongs_to_a_stranger_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    free = choose({"any": 0})["any"]
    left_behind = Path(f"/tmp/seaweedfs-filer-grpc-{free}.sock")
    left_behind.touch()
    try:
        monkeypatch.setattr("os.geteuid", lambda: left_behind.stat().st_uid + 1)
        assert choose({"filer": free})["filer"] != free
    finally:
        left_behind.unlink()
