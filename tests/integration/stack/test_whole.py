from pathlib import Path

import httpx

from runtime.settings import Settings
from stack.plan import SERVERS, StackOptions
from stack.up import Stack


async def test_everything_comes_up_as_one_and_says_where_it_is(tmp_path: Path) -> None:
    options = StackOptions(SERVERS, "gemini-simulator", usual_ports=False)
    async with (
        Stack(tmp_path / "某 店", options, user=Settings.model_construct()) as stack,
        httpx.AsyncClient() as client,
    ):
        assert next(iter(stack.addresses)) == "Chat (begin here)"
        for where in (
            "Chat (begin here)",
            "Gateway",
            "Mailbox",
            "Conversations",
            "Staff messages",
            "Designers",
            "Temporal Web UI",
        ):
            assert (await client.get(stack.addresses[where], follow_redirects=True)).status_code == 200, where
        found = Settings(_env_file=stack.folder.address_file)
        assert found.temporal_address == stack.env["TEMPORAL_ADDRESS"]
        assert found.database_url == stack.env["DATABASE_URL"]
        assert found.gemini_base_url == f"{found.simulators_url}/gemini"

        await stack.kill("worker")
        await stack.restart("worker")
        health = f"http://127.0.0.1:{found.worker_health_port}/healthz"
        assert (await client.get(health)).status_code == 200
