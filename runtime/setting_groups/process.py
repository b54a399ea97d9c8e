"""Where Darkroom runs, and what this process of it does."""

from typing import Literal

from pydantic import BaseModel, Field, field_validator

from runtime.setting_words import listed

QUEUES = ("orders", "images", "staff")


class PlaceSettings(BaseModel):
    """Where Darkroom runs."""

    environment: Literal["development", "production"] = Field(
        "development",
        description="In production a start is refused with settings that are for development only: public secrets, "
        "addresses of the local stack, http:// for customers. Each setting may also be a file of its name in "
        "SECRETS_DIR (/run/secrets unless that says otherwise), as compose mounts secrets.",
    )


class LocalStackSettings(BaseModel):
    """The stand-ins of the local stack."""

    simulators_url: str | None = Field(
        None, description="Where the local stack's stand-ins for the outside world are looked into."
    )


class ProcessSettings(BaseModel):
    """What one process of Darkroom does: its logs, its queues, its health page."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    image_concurrency: int = Field(2, description="Activities of the `images` queue one worker runs at once.", gt=0)
    workflow_cache: int = Field(
        2000, description="Orders one worker keeps in memory; others replay when heard of.", gt=0
    )
    worker_queues: str = Field(
        "orders,images,staff",
        description="Task queues that this worker works on, comma-separated: orders (the workflows, and quick steps), "
        "images, staff. Several workers may share them as they like, as long as each queue has one.",
    )
    worker_grace_seconds: float = Field(
        25, description="What running steps get to finish when a worker is told to stop; then others go on.", ge=0
    )
    worker_health_port: int = Field(0, description="Port of the worker's health page; 0 for none.", ge=0, le=65535)
    worker_health_host: str = Field(
        "127.0.0.1", description="Address the worker's health page listens on; 0.0.0.0 for all, as in a container."
    )

    @property
    def queues(self) -> list[str]:
        """The names in WORKER_QUEUES, each once."""
        return list(dict.fromkeys(listed(self.worker_queues)))

    @field_validator("worker_queues")
    @classmethod
    def _queues_are_known(cls, names: str) -> str:
        if not listed(names) or (unknown := set(listed(names)) - set(QUEUES)):
            which = f"{', '.join(sorted(unknown))} is none of" if listed(names) else "some of"
            raise ValueError(f"WORKER_QUEUES: {which} {', '.join(QUEUES)}")
        return names
