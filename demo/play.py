"""Plays the demonstration, on the running stack or on one of its own."""

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
    """Play the demonstration; return 0 only if the letters with the finished pictures really arrived.

    It has failed when one step takes longer than `patience` seconds.
    """
    console = Console(highlight=False)
    try:
        user = user_settings()
        enter()
        return asyncio.run(_play(provider, patience, console, user))
    except StackError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
    except TimeoutError:
        console.print(
            f"Nothing moved for {patience:.0f} s. The logs lie in {DATA / 'logs'}.", style="red", soft_wrap=True
        )
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped before the end.")
    return 1


async def _play(provider: Provider, patience: float, console: Console, user: Settings) -> int:
    cancel_on_signals()
    async with _stack(provider, console, user) as settings:
        arrived = await _acts(settings, patience, console)
        if arrived and sys.stdin.isatty():
            console.print("\nEverything stays up for you to look around; press Enter to stop it.")
            with contextlib.suppress(asyncio.CancelledError):
                await _enter_is_pressed()
    return 0 if arrived else 1


async def _enter_is_pressed() -> None:
    """Wait without a thread, which would hold the end of the program up until Enter."""
    loop, pressed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, pressed.set)
    try:
        await pressed.wait()
    finally:
        loop.remove_reader(sys.stdin)


async def _acts(settings: Settings, patience: float, console: Console) -> bool:
    """Play one after the other; return whether everything arrived."""
    simulators = settings.simulators_url or ""
    arrived = await ByTheMachine(settings, console, patience).play()
    if (settings.tuhui_url or "").startswith(simulators):
        arrived = await ByADesigner(settings, console, patience).play() and arrived
    else:
        console.print("\nTUHUI_URL is yours: the second act, in which a simulated designer works, is left out.")
    console.print()
    for what, page in PAGES.items():
        console.print(f"{what + ':':<16} {simulators}/{page}", markup=False, soft_wrap=True)
    console.print("`make up` brings all of it back, on the same addresses.")
    return arrived


PAGES = {"Mailbox": "mailbox/", "Staff messages": "wecom/", "Designers": "tuhui/"}


@asynccontextmanager
async def _stack(provider: Provider, console: Console, user: Settings) -> AsyncIterator[Settings]:
    """Use the stack that runs on the data folder, or start one for the time of the demonstration."""
    own = Stack(DATA, StackOptions(provider=provider), Progress(console), user)
    try:
        await own.__aenter__()
    except FolderInUse:
        console.print("A stack is up already: playing on that one, with its provider.")
        enter(own.folder.addresses())
        yield Settings()
        return
    try:
        enter(own.env)
        yield Settings()
    finally:
        await own.close()
