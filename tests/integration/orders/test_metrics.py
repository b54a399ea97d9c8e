"""The alert rules: every name is in a real scrape of a worker or of the gateway, and every rule has its runbook."""

import asyncio
import contextlib
import re
import uuid
from datetime import timedelta

import httpx
from temporalio import activity, workflow
from temporalio.service import RPCError
from temporalio.worker import Worker

from runtime import metrics
from runtime.paths import ROOT
from runtime.settings import Settings
from stack import ports
from starter.client import TemporalConnection
from tests.integration.gateway.serving import NOWHERE, app_with, served
from tests.patience import pauses

RULES = (ROOT / "docker" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
NAMES = set(re.findall(r"\b(?:temporal|http)_\w+", RULES))
PATIENCE = 30  # seconds
failures = [RuntimeError("a bug that a new version mends")]


@activity.defn
async def work() -> None:
    """Do nothing."""


@workflow.defn(sandboxed=False)
class FailsAtFirst:
    """Its first workflow task fails, as that of code with a bug."""

    @workflow.run
    async def run(self) -> None:
        if failures:
            raise failures.pop()
        await workflow.execute_activity(work, start_to_close_timeout=timedelta(seconds=10))


async def scrape_of_a_worker(address: str, namespace: str) -> str:
    """What a worker tells Prometheus after a workflow task that failed, an activity, and a request that was refused."""
    port = ports.choose({"metrics": 0})["metrics"]
    ports.release([port])
    runtime = metrics.runtime_for(Settings(_env_file=None, worker_metrics_port=port))
    client = await TemporalConnection(address, namespace).connect(runtime)
    name = f"metrics-{uuid.uuid4().hex[:8]}"
    async with Worker(client, task_queue=name, workflows=[FailsAtFirst], activities=[work]):
        await client.execute_workflow(FailsAtFirst.run, id=name, task_queue=name)
        with contextlib.suppress(RPCError):
            await client.get_workflow_handle("no-such-workflow").describe()
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
            for pause in pauses():
                text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
                if "temporal_request_failure_total" in text:
                    break
                await asyncio.sleep(pause)
    return text


async def test_every_metric_of_a_rule_is_in_a_scrape(temporal_address: str, namespace: str) -> None:
    scraped = await scrape_of_a_worker(temporal_address, namespace)
    with served(app_with(**NOWHERE)) as url:
        async with httpx.AsyncClient(base_url=url) as gateway:
            await gateway.get("/openapi.json")
            scraped += (await gateway.get("/metrics")).text
    found = set(re.findall(r"^(\w+)[{ ]", scraped, re.MULTILINE))
    assert len(NAMES) >= 5
    assert found >= NAMES
    assert 'failure_reason="WorkflowError"' in scraped
    assert 'status_code="NOT_FOUND"' in scraped
    assert re.search(r'http_requests_total\{[^}]*status="2xx"', scraped)


def test_every_rule_leads_to_its_section_of_the_runbook() -> None:
    alerts = re.findall(r"- alert: (\w+)", RULES)
    assert len(alerts) >= 6
    assert re.findall(r"runbook: docs/alerts\.md#(\w+)", RULES) == [alert.lower() for alert in alerts]
    assert re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE) == alerts
    assert RULES.count("severity:") == RULES.count("summary:") == len(alerts)


def test_without_a_port_there_are_no_metrics() -> None:
    assert metrics.runtime_for(Settings(_env_file=None)) is None
