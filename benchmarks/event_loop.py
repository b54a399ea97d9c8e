"""For how long the worker's event loop is blocked: by garbage collection with many orders, and by a large file."""

from benchmarks import figures
from benchmarks.child import child_worker
from benchmarks.figures import Figure
from benchmarks.parking import park
from benchmarks.playing import Darkroom, Site, play, quoted, site
from benchmarks.previews import waits
from benchmarks.running import Benchmark, run, tell
from benchmarks.scale import Scale
from benchmarks.servers import environment

BAR_MS = 50.0
BYTES_OF_A_PIXEL = 3


async def measure(size: Scale) -> list[Figure]:
    """Return the longest blocks."""
    async with site("storage") as place:
        return [await _with_many_orders(place, size), await _with_a_large_file(place, size)]


async def _with_many_orders(place: Site, size: Scale) -> Figure:
    env = environment(place.stack, "darkroom_worker")
    async with child_worker("benchmarks.orders_worker", "order", env=env) as worker:
        shop = Darkroom(place.client)
        (model,) = await quoted(place, shop, 1)
        tell(f"event_loop: {size.cached:,} cached orders")
        await park(place.client, model, size.cached)
        longest = []
        for number in range(size.rounds):
            tell(f"event_loop: round {number + 1} of {size.rounds}")
            await worker.ask("forget")
            await play(place, shop, size.orders)
            longest.append((await worker.ask())["blocked_seconds"] * 1000)
    return Figure(f"longest block of the loop, {size.cached:,} cached orders", figures.middle(longest), "ms", BAR_MS)


async def _with_a_large_file(place: Site, size: Scale) -> Figure:
    env = environment(place.stack, "darkroom_worker") | {"MAX_UPLOAD_MB": str(size.large_mb + 1)}
    megapixels = str(size.large_mb / BYTES_OF_A_PIXEL)
    async with child_worker("benchmarks.orders_worker", "uncompressed", megapixels, env=env) as worker:
        await waits(place, worker, 1)  # the imaging processes start
        longest = []
        for number in range(size.repeats):
            tell(f"event_loop: file {number + 1} of {size.repeats}")
            await worker.ask("forget")
            await waits(place, worker, 1)
            longest.append((await worker.ask())["blocked_seconds"] * 1000)
    return Figure(f"longest block of the loop, a file of {size.large_mb} MB", figures.middle(longest), "ms", BAR_MS)


BENCHMARK = Benchmark("event_loop", measure, minutes=20)

if __name__ == "__main__":
    run(BENCHMARK)
