"""The metrics of the worker's SDK for Prometheus, under the names of Temporal's public rules and dashboards."""

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from runtime.settings import Settings


def runtime_for(settings: Settings) -> Runtime | None:
    """Return the runtime that serves the metrics; None if no port is set. Raises RuntimeError if it is taken."""
    if not settings.worker_metrics_port:
        return None
    address = f"{settings.worker_health_host}:{settings.worker_metrics_port}"
    served = PrometheusConfig(
        bind_address=address, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    return Runtime(telemetry=TelemetryConfig(metrics=served))
