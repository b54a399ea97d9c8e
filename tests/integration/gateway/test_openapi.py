"""The API as its own document describes it: no request of a fuzzer breaks it, and its pages show."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

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

from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.shop import FakeShop

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
    is_systematic = case.meta is not None and case.meta.phase.name is TestPhase.COVERAGE
    for caller in (gate.bot,) if is_systematic else (gate.bot, gate.agent):  # an agent is refused almost all of these
        headers = {"Authorization": caller.headers["authorization"]}
        await asyncio.to_thread(case.call_and_validate, base_url=gate.url, headers=headers, checks=CHECKS, timeout=30)
