"""The worker's metrics for Prometheus: those of the SDK, under the names of Temporal's public rules, and our own."""

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from activities.measures import BOUNDS
from runtime.settings import Settings


def runtime_for(settings: Settings) -> Runtime | None:
    """Return the runtime that serves the metrics; None if no port is set. Raises RuntimeError if it is taken."""
    if not settings.worker_metrics_port:
        return None
    address = f"{settings.worker_health_host}:{settings.worker_metrics_port}"
    served = PrometheusConfig(
        bind_address=address,
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=BOUNDS,
    )
    return Runtime(telemetry=TelemetryConfig(metrics=served))


def meter_of(client: Client) -> MetricMeter:
    """Return the meter of the runtime that the client was connected with; without metrics it measures nothing."""
    return (client.service_client.config.runtime or Runtime.default()).metric_meter
