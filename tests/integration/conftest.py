"""A schema and a bucket of their own for the adapters' tests, on the servers of this run."""

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db import migrate
from adapters.db.engine import create_engine
from adapters.files import S3Files
from adapters.links import DownloadLinks


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


@pytest.fixture
async def schema(postgres_url: str) -> str:
    """A schema of the test's own, at the newest revision."""
    name = f"test_{uuid.uuid4().hex}"
    await migrate.upgrade(postgres_url, name)
    return name


@pytest.fixture
async def engine(postgres_url: str, schema: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres_url, schema)
    yield engine
    await engine.dispose()
