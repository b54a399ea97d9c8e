"""Wraps command lines with util-linux's `setpriv`, to bind a child's life to ours or to drop root."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from pwd import getpwuid
from signal import Signals

from stack.errors import CannotStart

NOBODY = 65534


def with_parent_death_signal(argv: Sequence[str], signum: Signals) -> list[str]:
    """Return a command line whose process gets the signal when we die, even by SIGKILL, so that no orphan is left.

    This is prctl(PR_SET_PDEATHSIG). "We" is the THREAD that starts the child, not the process: children must be started
    by a thread that outlives them, such as that of the event loop. `setpriv` is used since Python's `preexec_fn` may
    deadlock with other threads. Without it (not Linux) the command line is returned unchanged.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={signum.name.removeprefix('SIG')}", *argv] if setpriv else list(argv)


def as_owner(argv: Sequence[str], folder: Path) -> list[str]:
    """Return a command line that never runs as root, but as the folder's owner, or `nobody` if it does not exist yet.

    That user keeps one capability of root, CAP_DAC_OVERRIDE, to reach its files even if the project is in /root.
    `no_setuid_fixup` makes access(2) honour it. Wrap this around `with_parent_death_signal`, not the other way: the
    kernel clears that signal when the user changes.

    Raises CannotStart.
    """
    if os.geteuid() != 0:
        return list(argv)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart("Postgres cannot run as root, and `setpriv`, needed to drop privileges, is missing")
    user, group = _owner(folder)
    power = "-all,+dac_override"
    step_down = [f"--reuid={user}", f"--regid={group}", "--clear-groups", "--securebits=+no_setuid_fixup"]
    keep = [f"--bounding-set={power}", f"--inh-caps={power}", f"--ambient-caps={power}"]
    return [setpriv, *step_down, *keep, *argv]


def _owner(folder: Path) -> tuple[int, int]:
    if folder.exists():
        return folder.stat().st_uid, folder.stat().st_gid
    return NOBODY, getpwuid(NOBODY).pw_gid
