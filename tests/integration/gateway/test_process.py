"""The gateway as a process of its own: how it stops, and what it writes down."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import httpx

from adapters.db.keys import new_key
from runtime.paths import ROOT
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.test_orders import started
from tests.integration.gateway.test_reading import stream, until
from tests.integration.simulators_fixtures import free_port


async def test_a_stop_ends_streams_at_once_and_the_log_names_no_secret(gate: Gate, tmp_path: Path) -> None:
    key, port, log = new_key(), free_port(), tmp_path / "gateway.log"
    await gate.keys.add(key, "of the process", ["bot"])
    order_id = await started(gate)
    names = ("database_url", "database_schema", "temporal_address", "temporal_namespace")
    env = {name.upper(): str(getattr(gate.settings, name)) for name in names}
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway",
            cwd=ROOT, stdout=out, stderr=out,
            env={**os.environ, **env, "GATEWAY_PORT": str(port), "LOG_FORMAT": "json", "DARKROOM_DATA": str(tmp_path)},
        )  # fmt: skip
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        async with asyncio.timeout(60):
            while not await _lives(client):  # noqa: ASYNC110 - another process sets no event of ours
                await asyncio.sleep(0.1)
        await client.get("/d/a-secret-token/1.png")
        async with stream(client, order_id) as events:
            await until(events, "order")
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(60):
                assert [event async for event in events] == []
    async with asyncio.timeout(60):
        await process.wait()
    assert process.returncode in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    answered = [line for line in lines if line["event"] == "answered"]
    assert {"/d/{token}/{filename}", "/api/orders/{order_id}/events"} <= {line["route"] for line in answered}
    assert any(line["caller"] == "of the process" and line["order_id"] == order_id for line in answered)
    assert not any(secret in log.read_text() for secret in (key, "a-secret-token", "Traceback"))


async def _lives(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).is_success
    except httpx.TransportError:
        return False
