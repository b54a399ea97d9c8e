"""What every command needs: the connection to Temporal, and errors turned into messages and exit statuses."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import typer
from rich.console import Console
from temporalio.client import Client

from domain.ports import Phrases, Upload
from domain.texts.catalogue import Language
from domain.vocabulary import ids
from domain.vocabulary.errors import DarkroomError, MalformedRequest
from starter.client import THIS_MACHINE, TemporalConnection, reach
from starter.commands.sharing import LibraryTools
from starter.failures import NoSuchOrder

T = TypeVar("T")
LANGUAGE: Language = "en"  # of the commands' output; replies to customers are quoted in the shop's language
FAILED, WRONG_USAGE, NO_SUCH_ORDER, AWAY = 1, 2, 3, 4
EXIT_STATUSES = (
    "Exit status: 0 success, 1 failed or refused, 2 wrong usage, 3 no such order, 4 Temporal or worker unavailable."
)


@dataclass(frozen=True)
class CliContext:
    """What the commands need from their environment; the root command puts one into typer's context."""

    connection: Callable[
        [], TemporalConnection
    ]  # a function: jobs that do not talk to Temporal need no certificate for it
    ui_url: str
    timezone: str
    upload: Upload
    phrases: Phrases
    library: Callable[[], AbstractAsyncContextManager[LibraryTools]]

    async def connect(self) -> Client:
        """Return a connected client. Raises ConnectionError if no server answers or the server refuses us."""
        connection = self.connection()
        try:
            return await reach(connection)
        except ConnectionError as error:
            hint = " (start one with `darkroom up`)" if connection.address.startswith(THIS_MACHINE) else ""
            raise ConnectionError(f"{error}{hint}") from error

    def link(self, order_id: str) -> str:
        """Return the URL of an order in the Temporal Web UI."""
        return f"{self.ui_url}/namespaces/{self.connection().namespace}/workflows/{ids.workflow_id(order_id)}"


def cli_context(context: typer.Context) -> CliContext:
    """Return the context that the root command has set up."""
    found = context.obj
    assert isinstance(found, CliContext)
    return found


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine and return its result; an expected error becomes one line on stderr and an exit status."""
    try:
        return asyncio.run(work)
    except NoSuchOrder as error:
        raise _fail(error, NO_SUCH_ORDER) from error
    except (ConnectionError, TimeoutError) as error:
        raise _fail(error, AWAY) from error
    except (ValueError, MalformedRequest) as error:
        raise _fail(error, WRONG_USAGE) from error
    except DarkroomError as error:
        raise _fail(error, FAILED) from error


def _fail(error: Exception, status: int) -> typer.Exit:
    Console(stderr=True, highlight=False).print(f"darkroom: {error}", style="red", markup=False, soft_wrap=True)
    return typer.Exit(status)
