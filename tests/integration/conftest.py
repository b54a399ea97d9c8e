"""A schema and a bucket of their own for the adapters' tests, on the servers of this run."""

import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass

import anyio
import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.storage.files import S3Files
from adapters.storage.links import DownloadLinks
from stack.programs import postgres_program

TEMPLATE = "template_of_tests"


@dataclass(frozen=True)
class Storage:
    """Where a bucket is, and what opens it."""

    endpoint_url: str
    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str


def open_files(storage: Storage) -> S3Files:
    return S3Files(**asdict(storage), links=DownloadLinks("a-link-secret", "http://gateway.test"))


@pytest.fixture(scope="module")
def storage(storage_settings: Mapping[str, str]) -> Storage:
    """A bucket of the module's own; the server makes it at the first upload."""
    return Storage(
        endpoint_url=storage_settings["S3_ENDPOINT_URL"],
        bucket=f"test-{uuid.uuid4().hex[:8]}",
        region="us-east-1",
        access_key_id=storage_settings["AWS_ACCESS_KEY_ID"],
        secret_access_key=storage_settings["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def files(storage: Storage) -> S3Files:
    return open_files(storage)


@pytest.fixture(scope="session")
async def schema_script(postgres_url: str) -> str:
    """The script that makes a schema at the newest revision: migrating takes three times as long."""
    await migrate.upgrade(postgres_url, TEMPLATE)
    command = [postgres_program("pg_dump"), "--schema", TEMPLATE, "--no-owner", "--inserts", libpq(postgres_url)]
    dump = (await anyio.run_process(command)).stdout.decode()
    return re.sub(r"^\\.*$", "", dump, flags=re.MULTILINE)  # commands of psql


@pytest.fixture
async def schema(postgres_url: str, schema_script: str) -> str:
    """A schema of the test's own, at the newest revision."""
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(libpq(postgres_url))
    await connection.execute(schema_script.replace(TEMPLATE, name))
    await connection.close()
    return name


def libpq(database_url: str) -> str:
    return database_url.replace("+asyncpg", "")


@pytest.fixture
async def engine(postgres_url: str, schema: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres_url, schema)
    yield engine
    await engine.dispose()
