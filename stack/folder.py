"""The data folder of a stack: who holds it, its logs, its secrets and the address file."""

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
    """All that a stack keeps; held by one stack at a time, from `hold` to `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._is_of_nobody = str(path).startswith("~")  # a shell, or Python, leaves it so
        self.logs = self.path / "logs"
        self.address_file = self.path / "stack.env"
        self._ports = self.path / "ports.json"
        self._lock: TextIO | None = None

    def hold(self) -> None:
        """Make the folder where it is missing and take it. Raises FolderInUse, FolderForbidden."""
        if self._is_of_nobody:
            raise FolderForbidden(f"{self.path.name} is no home of a user; choose a folder with DARKROOM_DATA")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_files_of_others()
            self.logs.mkdir(exist_ok=True)
            self._lock = (self.path / "lock").open("a+")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it whatever ends us
        except BlockingIOError:
            holder = (self.path / "lock").read_text().strip()
            self.release()
            raise FolderInUse(f"process {holder} runs a stack on {self.path} already; stop that one first") from None
        except PermissionError as error:
            raise FolderForbidden(
                f"{error.filename} belongs to another user; choose a folder with DARKROOM_DATA"
            ) from error
        except OSError as error:
            raise FolderForbidden(
                f"{self.path} cannot keep the data ({error.strerror}); choose a folder with DARKROOM_DATA"
            ) from error
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def _refuse_files_of_others(self) -> None:
        """A home, for example: `make reset` deletes the whole folder."""
        if not (self.path / "secrets").exists() and (others := sorted(file.name for file in self.path.iterdir())):
            if set(others) <= {"lock", "logs"}:  # a start that was broken off
                return
            raise FolderForbidden(
                f"{self.path} holds other files ({others[0]} ...); name an empty or a new folder with DARKROOM_DATA"
            )

    def kept_ports(self) -> dict[str, int]:
        """Return the ports on which the servers were reached before."""
        try:
            return {str(name): int(port) for name, port in json.loads(self._ports.read_text()).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise CannotStart(f"{self._ports} cannot be read; delete it, and ports are chosen again") from error

    def keep_ports(self, ports: Mapping[str, int]) -> None:
        """Keep the ports: links in letters, pictures' addresses and saved pages lead to them."""
        _write_private(self._ports, json.dumps(dict(sorted(ports.items())), indent=1))

    def release(self) -> None:
        """Let another stack have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def new_log(self, name: str) -> Path:
        """Return the path of a log that begins empty; the one before it is kept beside it."""
        log = self.logs / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        return log

    def secret(self, name: str) -> Path:
        """Return the file that holds this secret, made up the first time and readable by us alone."""
        file = self.path / "secrets" / name
        if not file.exists():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            _write_private(file, secrets.token_hex(32))
        return file

    def write_addresses(self, settings: Mapping[str, str]) -> None:
        """Leave word of how the running stack is reached, for `darkroom` in another terminal."""
        _write_private(self.address_file, "".join(f"{name}={value}\n" for name, value in settings.items()))

    def addresses(self) -> dict[str, str]:
        """Return how the running stack is reached, as settings; nothing where none runs."""
        return {name: value or "" for name, value in dotenv_values(self.address_file).items()}

    def remove_addresses(self) -> None:
        """Take the word back: nothing is running."""
        self.address_file.unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    part.replace(file)
