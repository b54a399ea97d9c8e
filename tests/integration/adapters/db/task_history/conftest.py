"""The task history as a shop has it: the owner of the tables is no superuser, and the gateway has a login."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.db.task_history.tasks import TaskHistory
from adapters.db.task_history.usage import TaskUsage
from domain.task_history.plans import Plan
from domain.task_history.users import User
from tests.conftest import Servers
from tests.integration.conftest import libpq

RICH = Plan(records_per_month=10**6, upload_mb=30, storage_mb=10**6, credits_per_month=10**6, may_export=True)


@dataclass(frozen=True)
class House:
    """A schema, and the addresses of those who use it."""

    schema: str
    owner: str
    gateway: str
    worker: str
    administrator: str


@pytest.fixture(scope="module")
async def house(servers: Servers, schema_script: str) -> House:
    """A schema of the module's own, whose owner may do nothing else; the roles are there with the first schema."""
    administrator, mark = servers.start("postgres")["DATABASE_URL"], uuid.uuid4().hex[:8]
    owner, schema = f"owner_{mark}", f"history_{mark}"
    connection = await asyncpg.connect(libpq(administrator))
    await connection.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'owner'")
    await connection.execute(f"GRANT CREATE ON DATABASE darkroom TO {owner}")
    await connection.close()
    as_owner = make_url(administrator).set(username=owner, password="owner").render_as_string(hide_password=False)
    await migrate.upgrade(as_owner, schema)
    return House(
        schema,
        as_owner,
        servers.database_url_of("darkroom_gateway"),
        servers.database_url_of("darkroom_worker"),
        administrator,
    )


@pytest.fixture
async def gateway(house: House) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(house.gateway, house.schema)
    yield engine
    await engine.dispose()


@pytest.fixture
async def worker(house: House) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(house.worker, house.schema)
    yield engine
    await engine.dispose()


@pytest.fixture
async def administrator(house: House) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(house.administrator, house.schema)
    yield engine
    await engine.dispose()


@pytest.fixture
def user() -> User:
    return User(uuid.uuid4())


@pytest.fixture
def history(gateway: AsyncEngine) -> TaskHistory:
    return TaskHistory(gateway)


@pytest.fixture
def usage(gateway: AsyncEngine) -> TaskUsage:
    return TaskUsage(gateway)
