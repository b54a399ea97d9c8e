"""Settings of Postgres and S3 storage."""

from pydantic import BaseModel, Field, SecretStr, field_validator

from adapters.db.address import usable
from runtime.paths import DEVELOPMENT_SECRET


class PostgresSettings(BaseModel):
    """Postgres."""

    database_url: str = Field(
        "postgresql+asyncpg://darkroom@127.0.0.1:5433/darkroom",
        description="Postgres URL, e.g. postgres://user:password@host/database?sslmode=require.",
    )
    database_schema: str = Field("public", description="Postgres schema of the tables.")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        return usable(url)


class StorageSettings(BaseModel):
    """S3 storage of pictures."""

    s3_endpoint_url: str | None = Field("http://127.0.0.1:8333", description="URL of the S3 storage; empty for AWS.")
    s3_public_url: str | None = Field(
        None,
        description="URL of the S3 storage for browsers, if it differs from S3_ENDPOINT_URL; download links are "
        "signed for it.",
    )
    s3_bucket_name: str = Field("darkroom", description="Private bucket for all pictures.")
    aws_region: str = Field("us-east-1", description="Region of the bucket.")
    aws_access_key_id: str = Field("darkroom", description="Access key id for the bucket.")
    aws_secret_access_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET), description="Secret access key for the bucket."
    )
    uploads_kept_days: int = Field(
        14,
        description="Upload retention in days; applied by `darkroom storage setup`. An order copies its uploads when "
        "it first looks at them. Keep it longer than your worst outage and DESIGNER_GIVE_UP_HOURS.",
        ge=3,
    )
