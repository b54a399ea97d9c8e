"""Chooses ports on the loopback address, preferably the default ones."""

import os
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from stack.errors import PortTaken

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections, so that a free port stays free.
SPARE = range(24000, 32000)


def choose(usual: Mapping[str, int], kept: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return a port for each name: its previous one, else its usual one (0: any), else another free one.

    Raises PortTaken if a previous port is in use by another program: links of earlier orders point there.
    """
    chosen = {name: port for name, port in (kept or {}).items() if name in usual}
    for name, port in chosen.items():
        if not is_free(port):
            raise PortTaken(name, port)
    for name, port in usual.items():
        if name in chosen:
            continue
        candidates = [port] if port else []
        chosen[name] = _first_free([*candidates, *random.sample(SPARE, 200)], chosen.values())
    return chosen


def _first_free(candidates: Iterable[int], taken: Iterable[int]) -> int:
    taken = set(taken)
    return next(port for port in candidates if port not in taken and is_free(port))


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address now."""
    with socket.socket() as listener:
        listener.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: a recently closed port counts as free
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return not _is_named_by_a_strangers_socket(port)


def _is_named_by_a_strangers_socket(port: int) -> bool:
    """SeaweedFS creates sockets in /tmp named after its ports, and fails if another user has left one there."""
    if os.geteuid() == 0:
        return False  # root can delete it
    sockets = Path("/tmp").glob(f"seaweedfs-*-{port}.sock")  # noqa: S108 - chosen by SeaweedFS
    return any(socket_file.lstat().st_uid != os.geteuid() for socket_file in sockets)
