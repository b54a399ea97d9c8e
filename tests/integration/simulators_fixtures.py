"""The simulators as a process of their own, and the picture that tests send them."""

import io
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image, ImageDraw

from stack.ports import choose

ROOT = Path(__file__).parents[2]
GEMINI_KEY = "a-key-for-tests"
ARK_KEY = "an-ark-key-for-tests"
WECOM_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
TUHUI_KEY = "a-tuhui-key-for-tests"
BOT_SECRET = "whsec_dGhlIGJvdCdzIHNlY3JldCBpbiB0ZXN0cw=="
SECONDS = 30
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # to load certificates takes longer than most calls here


@dataclass(frozen=True)
class Simulators:
    """Where the simulators listen."""

    url: str
    smtp_port: int
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait()

    @property
    def gemini_url(self) -> str:
        return f"{self.url}/gemini"

    @property
    def ark_url(self) -> str:
        return f"{self.url}/ark"

    @property
    def bot_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def webhook_url(self) -> str:
        return f"{self.url}/wecom/send?key={WECOM_KEY}"

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(method, f"{self.url}/{path}", verify=NO_TLS, **more)

    def get(self, path: str, /, **query: str | int) -> httpx.Response:
        return self.call("GET", path, params=query)

    def ledger(self, name: str, /, **query: str | int) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get(f"{name}/ledger", **query).json()
        return entries

    def next_entry(self, name: str, seen: int, /, **query: str | int) -> dict[str, Any]:
        """Wait for the entry after those that were seen: whoever gives up early does so before the call is heard."""
        until = time.monotonic() + SECONDS
        while len(entries := self.ledger(name, **query)) <= seen:
            assert time.monotonic() < until, f"{name} wrote nothing down"
            time.sleep(0.1)
        return entries[seen]


def free_port() -> int:
    """Return a port that no outgoing connection takes before a server listens on it."""
    return choose({"any": 0})["any"]


@contextmanager
def running_simulators(
    data: Path, *, port: int = 0, wecom_per_minute: int = 1000, gemini_seconds: float = 0, ark_seconds: float = 0
) -> Iterator[Simulators]:
    port, smtp_port = port or free_port(), free_port()
    command = [sys.executable, "-m", "simulators", "--port", str(port), "--smtp-port", str(smtp_port)]
    command += ["--data", str(data), "--wecom-per-minute", str(wecom_per_minute)]
    command += ["--gemini-seconds", str(gemini_seconds), "--ark-seconds", str(ark_seconds)]
    keys = {"GEMINI_API_KEY": GEMINI_KEY, "ARK_API_KEY": ARK_KEY, "BOT_SECRET": BOT_SECRET, "WECOM_KEY": WECOM_KEY}
    keys |= {"TUHUI_API_KEY": TUHUI_KEY}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | keys) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", process)
            yield Simulators(f"http://127.0.0.1:{port}", smtp_port, process)
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(SECONDS * 20):
        assert process.poll() is None, "the simulators ended at their start"
        try:
            if httpx.get(url, verify=NO_TLS).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"{url} does not answer")


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    with running_simulators(tmp_path_factory.mktemp("simulators")) as running:
        yield running


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def photograph(width: int = 150, height: int = 100) -> Image.Image:
    """A small picture with a sky, grain and hard edges: enough for every measure to have something to measure."""
    grain = np.random.default_rng(7).normal(0, 12, (height, width, 3))
    sky = np.linspace(60, 200, height)[:, None, None] + grain
    picture = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))
    ImageDraw.Draw(picture).ellipse((width // 4, height // 4, width // 2, height * 3 // 4), fill=(200, 40, 30))
    return picture
