"""The memory that the gateway needs for an upload of 30 MB."""

import io
import os
from pathlib import Path

import httpx
import psutil
from PIL import Image

from benchmarks.child import MEGABYTE
from benchmarks.figures import Figure
from benchmarks.running import Benchmark, run
from benchmarks.scale import Scale
from benchmarks.servers import servers
from stack.up import Stack

SERVERS = ("postgres", "temporal", "storage", "migrations", "gateway")
BAR_MB = 100.0
SIDE = 3150  # pixels of a picture of just under 30 MB without compression
UPLOAD_SECONDS = 120


async def measure(size: Scale) -> list[Figure]:
    """Return by how much the gateway's memory grows over its idle size, at most."""
    picture = uncompressed(SIDE)
    async with servers(*SERVERS) as stack:
        process = stack.process_id("gateway")
        idle = psutil.Process(process).memory_info().rss / MEGABYTE
        forget_peak(process)
        for _ in range(size.repeats):
            await _upload(stack, picture)
        growth = peak_mb(process) - idle
    return [Figure(f"gateway, upload of {len(picture) / MEGABYTE:.0f} MB, peak over idle", growth, "MB", BAR_MB)]


async def _upload(stack: Stack, picture: bytes) -> None:
    secret = stack.folder.secret("chat_api_key").read_text()
    async with httpx.AsyncClient(base_url=stack.env["GATEWAY_URL"], timeout=UPLOAD_SECONDS, trust_env=False) as client:
        answer = await client.post(
            "/api/uploads",
            files={"file": ("large.png", picture, "image/png")},
            headers={"Authorization": f"Bearer dk_{secret[:16]}_{secret[16:]}"},
        )
    answer.raise_for_status()


def uncompressed(side: int) -> bytes:
    """Return a PNG of random pixels, three bytes each."""
    data = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(data, "PNG", compress_level=0)
    return data.getvalue()


def forget_peak(process_id: int) -> None:
    """Let the kernel count the peak of a process's memory from now on."""
    Path(f"/proc/{process_id}/clear_refs").write_text("5")


def peak_mb(process_id: int) -> float:
    """Return the peak of a process's resident memory in MB."""
    status = Path(f"/proc/{process_id}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024 / MEGABYTE


BENCHMARK = Benchmark("uploads", measure, minutes=5)

if __name__ == "__main__":
    run(BENCHMARK)
