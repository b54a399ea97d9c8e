"""The time between payment and preview of a real picture: real storage, imaging processes and previews.

Only the providers are fakes, which answer at once: what is measured is the time over the providers' own.
"""

from benchmarks import figures
from benchmarks.child import child_worker
from benchmarks.figures import Figure
from benchmarks.playing import site
from benchmarks.previews import waits
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment

BAR_MS = 400.0


async def measure(size: Scale) -> list[Figure]:
    """Return the time of one order of a picture of one megapixel."""
    async with site("storage") as place:
        env = environment(place.stack, "darkroom_worker")
        async with child_worker("benchmarks.orders_worker", "real", env=env) as worker:
            await waits(place, worker, 2)  # the imaging processes start
            alone = []
            for number in range(size.rounds):
                tell(f"previews on the local stack: round {number + 1} of {size.rounds}")
                alone += [(await waits(place, worker, 1))[0] * 1000 for _ in range(size.repeats)]
    return [Figure("payment to preview, real picture of 1 megapixel, p50", figures.middle(alone), "ms", BAR_MS)]


BENCHMARK = Benchmark("previews_local", measure, minutes=10)

if __name__ == "__main__":
    run(BENCHMARK)
