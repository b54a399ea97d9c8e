"""Shared by the simulators: faults, pages, painting, and ledgers."""
