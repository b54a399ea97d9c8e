"""The running simulators."""

from tests.integration.simulators_fixtures import simulators

__all__ = ["simulators"]
