"""What breaks in a storm: drawn from a seed, several at once, each counted when something has met it."""

import asyncio
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.proxy import Proxy
from tests.faults.storm.parts import SERVERS, WORKERS, Parts

AT_ONCE = 8
UNMET_AFTER = 4.0  # seconds after which a fault that nothing has met is taken back
PIECES = (0.02, 0.3)  # seconds before each piece on a slow connection
MOST_BYTES = 3000  # of answers before one is cut
# Places at which a worker ends after an effect, before anybody knows of it.
FAIL_POINTS = (
    "storage.put", "vision.analyse", "vision.score", "model.generate", "mail.send", "bot.hint", "bot.send_text",
    "bot.send_image", "staff.tell", "dispatch.create", "dispatch.assign", "dispatch.complete", "dispatch.cancel",
    "postgres.save", "postgres.open_call", "postgres.close_call", "postgres.save_result", "postgres.opened",
    "postgres.assigned", "postgres.closed", "activity.examine", "activity.report", "activity.produce",
    "activity.mail", "activity.tell_staff", "activity.open_dispatch", "activity.assign_designer",
    "activity.watch_dispatch", "activity.adopt", "activity.close_dispatch", "activity.keep_late_event",
)  # fmt: skip
MOST_PASSED = 2  # times that a fail point is reached; a worker seldom lives long enough for more


@dataclass(frozen=True)
class Kind:
    """A kind of fault: how often it is drawn, and how many seconds it lasts."""

    weight: int
    shortest: float
    longest: float

    @property
    def length(self) -> str:
        """How long it lasts, for people."""
        return f"{self.shortest:g}-{self.longest:g} s" if self.longest else "a moment"


OF_LINKS = {
    "request reset": Kind(14, 0, 0),
    "answer cut after n bytes": Kind(14, 0, 0),
    "all cut": Kind(8, 0.5, 5),
    "stalled": Kind(8, 2, 15),
    "requests pass, answers do not": Kind(8, 2, 15),
    "slow": Kind(6, 2, 10),
}
OF_PROGRAMS = {"killed": Kind(12, 0, 0), "frozen": Kind(8, 2, 20)}
OF_SERVERS = {"killed": Kind(8, 0, 4), "frozen": Kind(4, 2, 10)}
AT_A_FAIL_POINT = ("worker", "ends at a fail point", "a moment")
Name = tuple[str, str, str]  # where, what, how long


@dataclass(frozen=True)
class Met:
    """A fault that something has met, and when it began and ended, by the monotonic clock."""

    name: Name
    begun: float
    ended: float


class Weather:
    """Breaks parts for a while. The same seed draws the same faults; what they meet depends on the machine."""

    def __init__(self, parts: Parts, seed: int, pause: float) -> None:
        self.met: list[Met] = []
        self._parts, self._pause, self._random = parts, pause, random.Random(f"weather {seed}")
        self._broken: set[str] = set()
        self._points = random.Random(f"fail points {seed}")
        parts.fail_at = self._fail_point
        parts.ended_at_a_fail_point = lambda _point: self._note(AT_A_FAIL_POINT, time.monotonic())

    @property
    def counts(self) -> dict[Name, int]:
        """How often each fault was met."""
        counts: dict[Name, int] = defaultdict(int)
        for met in self.met:
            counts[met.name] += 1
        return counts

    async def blow(self, seconds: float) -> None:
        """Let faults happen for so long, then mend everything."""
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            while (left := until - time.monotonic()) > 0:
                pause = self._random.expovariate(1 / self._pause)
                if pause > left:
                    await asyncio.sleep(left)
                    break
                await asyncio.sleep(pause)
                where, what, kind = self._drawn()
                if where not in self._broken and len(self._broken) < AT_ONCE:
                    group.create_task(self._happen(where, what, kind))
        self._parts.fail_at = lambda: ""
        self._parts.programs[WORKERS[0]].send(signal.SIGKILL)  # with the fail point that it still has

    def _drawn(self) -> tuple[str, str, Kind]:
        choices = [
            *((link, what, kind) for link in self._parts.links for what, kind in OF_LINKS.items()),
            *((name, what, kind) for name in self._parts.programs for what, kind in OF_PROGRAMS.items()),
            *((name, what, kind) for name in SERVERS for what, kind in OF_SERVERS.items()),
        ]
        (drawn,) = self._random.choices(choices, [kind.weight for _, _, kind in choices])
        return drawn

    async def _happen(self, where: str, what: str, kind: Kind) -> None:
        seconds, begun = self._random.uniform(kind.shortest, kind.longest), time.monotonic()
        self._broken.add(where)
        try:
            if where in self._parts.links:
                is_met = await self._on_link(self._parts.links[where], what, seconds)
            elif where in self._parts.programs:
                is_met = await self._on_program(where, what, seconds)
            else:
                is_met = await self._on_server(where, what, seconds)
        finally:
            self._broken.discard(where)
        if is_met:
            self._note((where.split(maxsplit=1)[0], what, kind.length), begun)

    def _note(self, name: Name, begun: float) -> None:
        self.met.append(Met(name, begun, time.monotonic()))

    async def _on_link(self, proxy: Proxy, what: str, seconds: float) -> bool:
        begins: dict[str, Callable[[], None]] = {
            "request reset": proxy.reset_a_request,
            "answer cut after n bytes": lambda: proxy.reset_an_answer(self._random.randrange(MOST_BYTES)),
            "all cut": proxy.cut,
            "stalled": proxy.stall,
            "requests pass, answers do not": proxy.pass_requests_only,
            "slow": lambda: proxy.slow_down(self._random.uniform(*PIECES)),
        }
        before, until = proxy.faults, time.monotonic() + UNMET_AFTER
        begins[what]()
        while proxy.faults == before and time.monotonic() < until:  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.05)
        await asyncio.sleep(seconds if proxy.faults > before else 0)
        proxy.mend()
        return proxy.faults > before

    async def _on_program(self, name: str, what: str, seconds: float) -> bool:
        program = self._parts.programs[name]
        if program.process is None or program.process.poll() is not None:
            return False  # it is being started again
        await self._hit(program.send, what, seconds)
        return True

    async def _on_server(self, name: str, what: str, seconds: float) -> bool:
        if what == "frozen":
            await self._hit(lambda signum: self._parts.send(name, signum), what, seconds)
        else:
            await self._parts.stack.kill(name)
            await asyncio.sleep(seconds)
            await self._parts.stack.restart(name)
        return True

    @staticmethod
    async def _hit(send: Callable[[signal.Signals], None], what: str, seconds: float) -> None:
        if what == "killed":
            send(signal.SIGKILL)
            return
        send(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            send(signal.SIGCONT)

    def _fail_point(self) -> str:
        return f"{self._points.choice(FAIL_POINTS)}:{self._points.randint(1, MOST_PASSED)}"
