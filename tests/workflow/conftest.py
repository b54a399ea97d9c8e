import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from tests.shop import FakeShop
from workflows import telling

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"


@pytest.fixture(scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose time a test may let pass."""
    attributes = [
        telling.CUSTOMER_ID,
        telling.SHOP_ID,
        telling.ORDER_STATUS,
        telling.OPERATION,
        telling.HIGH_VALUE,
        telling.QA_SCORE,
    ]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        data_converter=pydantic_data_converter,
        search_attributes=attributes,
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=str(TEMPORAL),
        dev_server_extra_args=["--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
    ) as env:
        yield env


@pytest.fixture
async def shop(temporal_env: WorkflowEnvironment) -> AsyncIterator[FakeShop]:
    """A shop on fakes, open for orders."""
    async with FakeShop(temporal_env).open() as shop:
        yield shop
