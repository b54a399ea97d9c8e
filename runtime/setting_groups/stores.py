"""Where rows and pictures are kept."""

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.db.address import usable
from runtime.paths import DEVELOPMENT_SECRET


class PostgresSettings(BaseModel):
    """The records in Postgres."""

    database_url: str = Field(
        "postgresql+asyncpg://darkroom@127.0.0.1:5433/darkroom",
        description="Records, such as postgres://user:password@host/database?sslmode=require.",
    )
    database_schema: str = Field("public", description="Schema of the tables.")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        return usable(url)


class StorageSettings(BaseModel):
    """The S3 storage of all pictures."""

    s3_endpoint_url: str | None = Field(
        "http://127.0.0.1:8333", description="Address of the S3 storage; empty for AWS itself."
    )
    s3_public_url: str | None = Field(
        None,
        description="Address under which browsers reach the S3 storage, where that is another one than "
        "S3_ENDPOINT_URL: download links are signed for it.",
    )
    s3_bucket_name: str = Field("darkroom", description="Private bucket of all pictures.")
    aws_region: str = Field("us-east-1", description="Region of the bucket.")
    aws_access_key_id: str = Field("darkroom", description="Key id for the bucket.")
    aws_secret_access_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), description="Secret key for the bucket.")
    uploads_kept_days: int = Field(
        14,
        description="Days until the storage forgets an upload; `darkroom storage setup` tells it so. An order copies "
        "what it wants at its first look; longer than any outage, and than a designer has for a question.",
        ge=3,
    )
