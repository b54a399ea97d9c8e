"""Plays the demo, on the running stack or on one of its own."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console

from demo.by_a_designer import ByADesigner
from demo.by_the_machine import ByTheMachine
from runtime.paths import DATA
from runtime.settings import Settings
from stack.environment import enter
from stack.errors import FolderInUse, StackError
from stack.plan import Provider, StackOptions
from stack.progress import Progress
from stack.up import Stack, cancel_on_signals, user_settings


def play(provider: Provider, patience: float) -> int:
    """Play the demo; return 0 only if the e-mails with the finished pictures arrived.

    The demo fails if a step takes longer than `patience` seconds.
    """
    console = Console(highlight=False)
    try:
        user = user_settings()
        enter()
        return asyncio.run(_play(provider, patience, console, user))
    except StackError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
    except TimeoutError:
        console.print(f"No progress for {patience:.0f} s. Logs: {DATA / 'logs'}", style="red", soft_wrap=True)
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped.")
    return 1


async def _play(provider: Provider, patience: float, console: Console, user: Settings) -> int:
    cancel_on_signals()
    async with _stack(provider, console, user) as settings:
        arrived = await _acts(settings, patience, console)
        if arrived and sys.stdin.isatty():
            console.print("\nThe stack keeps running for you to look around. Press Enter to stop it.")
            with contextlib.suppress(asyncio.CancelledError):
                await _enter_is_pressed()
    return 0 if arrived else 1


async def _enter_is_pressed() -> None:
    """Wait for Enter without a thread, which would block the exit of the program."""
    loop, pressed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, pressed.set)
    try:
        await pressed.wait()
    finally:
        loop.remove_reader(sys.stdin)


async def _acts(settings: Settings, patience: float, console: Console) -> bool:
    """Play the acts one after the other; return whether all e-mails arrived."""
    simulators = settings.simulators_url or ""
    arrived = await ByTheMachine(settings, console, patience).play()
    if (settings.tuhui_url or "").startswith(simulators):
        arrived = await ByADesigner(settings, console, patience).play() and arrived
    else:
        console.print("\nYou have set TUHUI_URL, so the second act, with a simulated designer, is skipped.")
    console.print()
    for what, page in PAGES.items():
        console.print(f"{what + ':':<16} {simulators}/{page}", markup=False, soft_wrap=True)
    console.print("`make up` restarts the stack at the same addresses.")
    return arrived


PAGES = {"Mailbox": "mailbox/", "Staff messages": "wecom/", "Designers": "tuhui/"}


@asynccontextmanager
async def _stack(provider: Provider, console: Console, user: Settings) -> AsyncIterator[Settings]:
    """Yield the settings of the running stack, or of one started for the demo."""
    own = Stack(DATA, StackOptions(provider=provider), Progress(console), user)
    try:
        await own.__aenter__()
    except FolderInUse:
        console.print("Using the stack that is already running, with its provider.")
        enter(own.folder.addresses())
        yield Settings()
        return
    try:
        enter(own.env)
        yield Settings()
    finally:
        await own.close()
