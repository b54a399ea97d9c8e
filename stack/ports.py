"""Chooses ports on the loopback address, preferably the default ones."""

import atexit
import os
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from stack.errors import PortTaken

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections, so that a free port stays free.
SPARE = range(24000, 32000)


_reserved: dict[int, socket.socket] = {}


def choose(usual: Mapping[str, int], kept: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return a port for each name: its previous one, else its usual one (0: any), else another free one.

    The ports are reserved until `release` or the end of this process: other stacks choose others, though the servers
    start later. Raises PortTaken if a previous port is in use by another program: links of earlier orders point there.
    """
    chosen = {name: port for name, port in (kept or {}).items() if name in usual}
    for name, port in chosen.items():
        if not is_free(port):
            raise PortTaken(name, port)
    for name, port in usual.items():
        if name in chosen:
            continue
        is_usual_free = port and port not in chosen.values() and is_free(port)
        chosen[name] = port if is_usual_free else _spare(chosen.values())
    for port in chosen.values():
        _reserve(port, is_shared=True)
    return chosen


def release(ports: Iterable[int]) -> None:
    """Give up the reservations of these ports."""
    for port in ports:
        if port in _reserved:
            _reserved.pop(port).close()


@atexit.register
def _release_all() -> None:
    release(list(_reserved))


def _spare(taken: Iterable[int]) -> int:
    taken = set(taken)
    candidates = (port for port in random.sample(SPARE, 200) if port not in taken)
    return next(port for port in candidates if is_free(port) and _reserve(port))


def _reserve(port: int, *, is_shared: bool = False) -> bool:
    """Bind a socket that never listens: a server that sets SO_REUSEADDR can listen beside it, but nobody reserves it.

    A shared reservation is also possible beside another one, and on a port that was closed recently.
    """
    if port in _reserved:
        return is_shared
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(is_shared))
    try:
        holder.bind((LOOPBACK, port))
    except OSError:
        holder.close()
        return False
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _reserved[port] = holder
    return True


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
