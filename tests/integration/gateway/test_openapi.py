"""The API as its own document describes it: no request of a fuzzer breaks it, and its pages show."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from temporalio.testing import TimeSkipper

from runtime import wiring
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.shop import FakeShop

USER = UUID("0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a")
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
DOCUMENT = app_with(**NOWHERE).openapi()


@pytest.fixture
async def a_worker(temporal_env: TimeSkipper) -> AsyncIterator[FakeShop]:
    """Somebody who answers updates."""
    asyncio.set_event_loop(asyncio.get_running_loop())  # Schemathesis asks for it; any asyncio.run before has unset it
    async with FakeShop(temporal_env).open() as shop:
        yield shop


API = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


# A stream does not end by itself: it has tests of its own.
@API.include(path_regex="^/api/").exclude(path="/api/orders/{order_id}/events").parametrize()
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
async def test_no_request_breaks_the_gateway(gate: Gate, a_worker: FakeShop, case: schemathesis.Case[Any]) -> None:
    if case.operation.path.startswith("/api/task-history/"):
        token = wiring.tokens(gate.settings).issue(USER, "pro", 1)
        await _name_a_real_record(gate, case, token)
        callers = [f"Bearer {token}", gate.bot.headers["authorization"]]
    else:
        callers = [gate.bot.headers["authorization"], gate.agent.headers["authorization"]]
    is_systematic = case.meta is not None and case.meta.phase.name is TestPhase.COVERAGE
    for authorization in callers[:1] if is_systematic else callers:  # the second one is refused almost all of these
        headers = {"Authorization": authorization}
        await asyncio.to_thread(case.call_and_validate, base_url=gate.url, headers=headers, checks=CHECKS, timeout=30)


async def _name_a_real_record(gate: Gate, case: schemathesis.Case[Any], token: str) -> None:
    """Let a request reach what lies behind 404: a record of the user, if it names one at all."""
    if "task_id" in (case.path_parameters or {}) and UUID_FORM.fullmatch(str(case.path_parameters["task_id"])):
        headers = {"Authorization": f"Bearer {token}"}
        made = await gate.nobody.post("/api/task-history/tasks", json={"task_type": "image_edit"}, headers=headers)
        case.path_parameters["task_id"] = made.json()["id"]
