"""What starting costs: importing the workflow of an order, and a worker until it is ready."""

import asyncio
import os
import sys

from benchmarks import figures
from benchmarks.figures import Figure
from benchmarks.playing import timed
from benchmarks.running import Benchmark, run
from benchmarks.scale import Scale
from benchmarks.servers import servers
from runtime.paths import ROOT
from stack.environment import stack_environment

IMPORT_MS, READY_SECONDS = 150.0, 5.0
IMPORT = """
import time
import pydantic, temporalio.client, temporalio.worker, temporalio.workflow, temporalio.contrib.pydantic
began = time.process_time()
import workflows.order
print((time.process_time() - began) * 1000)
"""
SERVERS = ("postgres", "temporal", "storage", "simulators", "migrations", "worker")


async def measure(size: Scale) -> list[Figure]:
    """Return the CPU time of the import, and the seconds until a worker polls its queues."""
    imports = [await _import() for _ in range(size.repeats + 1)][1:]  # the first one compiles
    async with servers(*SERVERS) as stack:
        ready = []
        for _ in range(size.repeats):
            await stack.kill("worker")
            ready.append(await timed(stack.restart("worker")))
    return [
        Figure("import of workflows.order, over temporalio and pydantic", figures.middle(imports), "ms", IMPORT_MS),
        Figure("worker ready", figures.middle(ready), "s", READY_SECONDS),
    ]


async def _import() -> float:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, cwd=ROOT, env=stack_environment(os.environ), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    return float(output)


BENCHMARK = Benchmark("start", measure, minutes=5)

if __name__ == "__main__":
    run(BENCHMARK)
