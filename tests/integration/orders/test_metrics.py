"""The metrics: what a rule, a panel or the docs name is in a real scrape, and every rule has its runbook."""

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from temporalio import activity, workflow
from temporalio.service import RPCError
from temporalio.worker import Worker

from domain.vocabulary.status import Status
from gateway.app import create_app
from runtime import metrics
from runtime.paths import ROOT
from runtime.settings import Settings
from stack import ports
from starter.client import TemporalConnection
from tests.integration.gateway.serving import served
from tests.integration.orders.conftest import RealShop
from tests.patience import pauses

RULES = (ROOT / "docker" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
DASHBOARD = json.loads((ROOT / "docker" / "grafana" / "darkroom.json").read_text(encoding="utf-8"))
TELEMETRY = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
EXPRESSIONS = [rule["expr"] for group in yaml.safe_load(RULES)["groups"] for rule in group["rules"]]
EXPRESSIONS += [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
NAMES = {name for expression in EXPRESSIONS for name in re.findall(r"\b(?:temporal|http|darkroom)_\w+", expression)}
DESCRIBED = set(re.findall(r"^\| `(\w+)` \|", TELEMETRY, re.MULTILINE))
SERIES = re.compile(r"_(?:bucket|sum|count)$")
PATIENCE = 30  # seconds
CUSTOMER, ADDRESS = "wang-of-metrics", "wang@example.com"
FUNCTIONS = "absent|histogram_quantile|increase|max|rate|sum|by|or"
# The words that our expressions consist of: strings, durations, numbers, metrics, labels, functions and signs.
WORDS = re.compile(
    r'"[^"]*"|\[\d+[smh]\]|\d+(?:\.\d+)?|(?:temporal|http|darkroom)_\w+|'
    rf"\b(?:{FUNCTIONS})\b|\b[a-z_]+(?=[,)]|=~?|!=|!~)|!=|!~|=~|==|[<>=/*(){{}},]|\s+"
)
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


async def scrape_of_a_shop(shop: RealShop, photo: bytes) -> str:
    """What the worker and the gateway of a shop tell after one whole order and an upload."""
    port = ports.choose({"metrics": 0})["metrics"]
    ports.release([port])
    shop.start_worker(WORKER_METRICS_PORT=str(port))
    order = await shop.new_order(photo, note="变清晰一点", customer_id=CUSTOMER)
    await order.is_shown()
    await order.signal("customer_message", event_id="m1", text=f"可以了,发到 {ADDRESS}")
    await order.reaches(Status.COMPLETED)
    with served(create_app(shop.settings)) as url:
        async with httpx.AsyncClient() as http:
            await http.get(f"{url}/openapi.json")
            await http.get(f"{url}/api/orders/{order.order_id}", headers={"authorization": "Bearer none"})
            ours = (await http.get(f"{url}/metrics")).text
            return ours + (await http.get(f"http://127.0.0.1:{port}/metrics")).text


async def test_every_metric_that_is_named_is_in_a_scrape(
    temporal_address: str, namespace: str, real_shop: RealShop, photo: bytes
) -> None:
    of_failures = await scrape_of_a_worker(temporal_address, namespace)
    of_an_order = await scrape_of_a_shop(real_shop, photo)
    found = set(re.findall(r"^(\w+)[{ ]", of_failures + of_an_order, re.MULTILINE))
    assert len(NAMES) >= 20
    assert found >= NAMES
    assert 'failure_reason="WorkflowError"' in of_failures
    assert 'status_code="NOT_FOUND"' in of_failures
    assert re.search(r'http_requests_total\{[^}]*status="2xx"', of_an_order)

    whole = found | {SERIES.sub("", name) for name in found}
    assert whole >= DESCRIBED
    told = {SERIES.sub("", name) for name in found if name.startswith("darkroom_")}
    assert {name for name in told if not name.endswith("_created")} <= DESCRIBED

    for line in (
        r'darkroom_orders_new\{status="completed"\} 1\.0',
        r'darkroom_letters_total\{outcome="sent",.*\} 1',
        r"darkroom_payment_to_preview_seconds_count\{.*\} 1",
        r'darkroom_qa_score_count\{operation="enhance",outcome="passed",.*\} 1',
        r'darkroom_model_call_seconds_count\{kind="image",model=".+",outcome="made",provider="gemini",.*\} 1',
        r'darkroom_model_cost_sum\{kind="image",.*\} 0\.\d+',
        r'darkroom_outside_call_seconds_count\{operation="save",outcome="ok",service="postgres",.*\} \d+',
    ):
        assert re.search(f"^{line}$", of_an_order, re.MULTILINE), line
    ours = [line for line in of_an_order.splitlines() if line.startswith("darkroom_")]
    assert not [line for line in ours if re.search(f"ORDER_|TASK_|{CUSTOMER}|{ADDRESS}", line)]


def test_every_rule_leads_to_its_section_of_the_runbook() -> None:
    alerts = re.findall(r"- alert: (\w+)", RULES)
    assert len(alerts) >= 6
    assert re.findall(r"runbook: docs/alerts\.md#(\w+)", RULES) == [alert.lower() for alert in alerts]
    assert re.findall(r"^## (\w+)$", RUNBOOK, re.MULTILINE) == alerts
    assert RULES.count("severity:") == RULES.count("summary:") == len(alerts)


def test_the_rules_are_well_formed() -> None:
    """As far as can be told without Prometheus; `promtool` below tells the rest."""
    for group in yaml.safe_load(RULES)["groups"]:
        assert group.keys() == {"name", "rules"}
        for rule in group["rules"]:
            assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
            assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
            assert rule["labels"]["severity"] in {"page", "ticket"}
    for expression in EXPRESSIONS:
        assert not WORDS.sub("", expression).strip(), expression
        assert all(expression.count(left) == expression.count(right) for left, right in ("()", "{}", "[]")), expression


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool of Debian's package prometheus is missing")
def test_promtool_accepts_rules_and_panels(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": one} for n, one in enumerate(EXPRESSIONS)]
    panels = tmp_path / "panels.yml"
    panels.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    files = [ROOT / "docker" / "prometheus" / "alerts.yml", panels]
    done = subprocess.run(["promtool", "check", "rules", *files], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_panel_has_a_place_of_its_own() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_without_a_port_there_are_no_metrics() -> None:
    assert metrics.runtime_for(Settings(_env_file=None)) is None
