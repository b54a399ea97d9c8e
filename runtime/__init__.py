"""Settings, wiring of adapters, logs and readiness, shared by all processes."""
