"""The data folder of a stack: its lock, ports, logs, secrets and address file."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from dotenv import dotenv_values

from stack.errors import CannotStart, FolderForbidden, FolderInUse


class DataFolder:
    """The data of a stack; held by one stack at a time, from `hold` to `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._is_of_nobody = str(path).startswith("~")  # `~user` of an unknown user stays unexpanded
        self.logs = self.path / "logs"
        self.address_file = self.path / "stack.env"
        self._ports = self.path / "ports.json"
        self._lock: TextIO | None = None

    def hold(self) -> None:
        """Create the folder if missing, and lock it. Raises FolderInUse, FolderForbidden."""
        if self._is_of_nobody:
            raise FolderForbidden(f"{self.path.name}: no such user; set DARKROOM_DATA to another folder")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_files_of_others()
            self.logs.mkdir(exist_ok=True)
            self._lock = (self.path / "lock").open("a+")
            fcntl.flock(
                self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB
            )  # the kernel releases it when we exit, however that happens
        except BlockingIOError:
            holder = (self.path / "lock").read_text().strip()
            self.release()
            raise FolderInUse(f"process {holder} is already running a stack on {self.path}; stop it first") from None
        except PermissionError as error:
            raise FolderForbidden(
                f"{error.filename} belongs to another user; set DARKROOM_DATA to another folder"
            ) from error
        except OSError as error:
            raise FolderForbidden(
                f"cannot use {self.path} ({error.strerror}); set DARKROOM_DATA to another folder"
            ) from error
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def _refuse_files_of_others(self) -> None:
        """Refuse e.g. a home folder: `make reset` deletes the whole folder."""
        if not (self.path / "secrets").exists() and (others := sorted(file.name for file in self.path.iterdir())):
            if set(others) <= {"lock", "logs"}:  # left by an interrupted start
                return
            raise FolderForbidden(
                f"{self.path} contains other files ({others[0]} ...); set DARKROOM_DATA to an empty or new folder"
            )

    def kept_ports(self) -> dict[str, int]:
        """Return the ports of the servers at earlier starts."""
        try:
            return {str(name): int(port) for name, port in json.loads(self._ports.read_text()).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise CannotStart(f"cannot read {self._ports}; delete it to choose new ports") from error

    def keep_ports(self, ports: Mapping[str, int]) -> None:
        """Save the ports for later starts: links in e-mails, picture URLs and bookmarks contain them."""
        _write_private(self._ports, json.dumps(dict(sorted(ports.items())), indent=1))

    def release(self) -> None:
        """Unlock the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def new_log(self, name: str) -> Path:
        """Return the path for a new log; the previous one is kept as `.log.1`."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def secret(self, name: str) -> Path:
        """Return the private file with this secret, generated on first use."""
        file = self.path / "secrets" / name
        if not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            _write_private(file, secrets.token_hex(32))
        return file

    def write_addresses(self, settings: Mapping[str, str]) -> None:
        """Write the addresses of the running stack, for `darkroom` in another terminal."""
        _write_private(self.address_file, "".join(f"{name}={value}\n" for name, value in settings.items()))

    def addresses(self) -> dict[str, str]:
        """Return the addresses of the running stack as settings; empty if none is running."""
        return {name: value or "" for name, value in dotenv_values(self.address_file).items()}

    def remove_addresses(self) -> None:
        """Delete the address file: the stack has stopped."""
        self.address_file.unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    part.replace(file)
