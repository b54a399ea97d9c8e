"""Settings of the environment and of each process."""

from typing import Literal

from pydantic import BaseModel, Field, field_validator

from runtime.setting_words import listed

QUEUES = ("orders", "images", "pixels", "staff")


class PlaceSettings(BaseModel):
    """Environment."""

    environment: Literal["development", "production"] = Field(
        "development",
        description="`production` refuses to start with settings meant for development only: public secrets, "
        "addresses of the local stack, http:// for customers. Every setting can also be a file named "
        "after it in SECRETS_DIR (default /run/secrets), as docker compose mounts secrets.",
    )


class LocalStackSettings(BaseModel):
    """Simulators of the local stack."""

    simulators_url: str | None = Field(
        None, description="URL of the local stack's simulators, for the commands and pages that inspect them."
    )


class ProcessSettings(BaseModel):
    """Logs, queues and health page of a process."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged.")
    log_format: Literal["console", "json"] = Field("console", description="Format of log lines.")
    image_concurrency: int = Field(
        32,
        description="Steps of the `images` queue that one worker has in progress at the same time. Most of them wait "
        "for a model, which costs no CPU; work on their pixels is limited by IMAGING_PROCESSES.",
        gt=0,
    )
    workflow_cache: int = Field(
        2000,
        description="Orders that one worker keeps in memory; the others are replayed when something happens to them.",
        gt=0,
    )
    workflow_sandbox: bool = Field(
        False,
        description="Whether workflows run in Temporal's sandbox, which finds code that would not replay. For whoever "
        "changes workflows, as in the tests; it costs a quarter more CPU.",
    )
    worker_build_id: str = Field(
        "",
        description="Version of the worker's code, such as the digest of its image. A worker with one gets orders once "
        "`darkroom deploy promote` or `ramp` gives them to it. Empty: workers share all orders, whatever their code.",
        max_length=100,
        pattern=r"^[A-Za-z0-9_.:@-]*$",
    )
    worker_queues: str = Field(
        "orders,images,pixels,staff",
        description="Task queues of this worker, comma-separated: orders (workflows and quick steps), images, pixels "
        "(the packaged networks), staff. Workers may split them in any way, as long as each queue has at least one.",
    )
    worker_grace_seconds: float = Field(
        25,
        description="Time for running activities to finish when a worker is stopped; unfinished ones are retried by "
        "other workers.",
        ge=0,
    )
    worker_health_port: int = Field(0, description="Port of the worker's health page; 0 disables it.", ge=0, le=65535)
    worker_health_host: str = Field(
        "127.0.0.1",
        description="Address that the worker's health page listens on; 0.0.0.0 for all interfaces, as in a container.",
    )

    worker_metrics_port: int = Field(
        0,
        description="Port of the worker's metrics for Prometheus, at the address of its health page; 0 disables them.",
        ge=0,
        le=65535,
    )
    darkroom_fail_at: str = Field(
        "",
        description="For tests of crashes only, refused in production: where the worker's process ends itself, such as "
        "mail.send when the mail server has taken an e-mail, or activity.mail:2 the second time that this activity "
        "has returned (runtime/fail_points.py).",
        pattern=r"^([a-z]+\.[a-z_]+(:[1-9][0-9]{0,3})?)?$",
    )

    @property
    def queues(self) -> list[str]:
        """The names in WORKER_QUEUES, each once."""
        return list(dict.fromkeys(listed(self.worker_queues)))

    @field_validator("worker_queues")
    @classmethod
    def _queues_are_known(cls, names: str) -> str:
        if not listed(names) or (unknown := set(listed(names)) - set(QUEUES)):
            which = f"{', '.join(sorted(unknown))} is not one of" if listed(names) else "some of"
            raise ValueError(f"WORKER_QUEUES: {which} {', '.join(QUEUES)}")
        return names
