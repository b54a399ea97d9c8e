"""Puts util-linux's `setpriv` before a command line, so that the kernel guards the child."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from pwd import getpwuid
from signal import Signals

from stack.errors import CannotStart

NOBODY = 65534


def with_parent_death_signal(argv: Sequence[str], signum: Signals) -> list[str]:
    """Return a command line whose process gets the signal when we die, even by SIGKILL: no orphan is left.

    This is prctl(PR_SET_PDEATHSIG). "We" is the THREAD that starts the child, not the process: children must be started
    by a thread that lives as long as they may, which the thread of an event loop does. `setpriv` asks for it, since
    Python's `preexec_fn` may deadlock beside other threads. Where it is missing (not Linux) the command stays as it is.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={signum.name.removeprefix('SIG')}", *argv] if setpriv else list(argv)


def as_owner(argv: Sequence[str], folder: Path) -> list[str]:
    """Return a command line that never runs as root: as the folder's owner, or as `nobody` before there is one.

    That user keeps one power of root, to reach files whatever their folders' modes are (CAP_DAC_OVERRIDE), since the
    project may lie in /root. `no_setuid_fixup` makes access(2) honour it, which otherwise asks for the user alone.
    The kernel forgets the signal of `with_parent_death_signal` when the user changes: that one comes after this.

    Raises CannotStart.
    """
    if os.geteuid() != 0:
        return list(argv)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise CannotStart("Postgres does not run as root, and there is no `setpriv` to step down with")
    user, group = _owner(folder)
    power = "-all,+dac_override"
    step_down = [f"--reuid={user}", f"--regid={group}", "--clear-groups", "--securebits=+no_setuid_fixup"]
    keep = [f"--bounding-set={power}", f"--inh-caps={power}", f"--ambient-caps={power}"]
    return [setpriv, *step_down, *keep, *argv]


def _owner(folder: Path) -> tuple[int, int]:
    if folder.exists():
        return folder.stat().st_uid, folder.stat().st_gid
    return NOBODY, getpwuid(NOBODY).pw_gid
