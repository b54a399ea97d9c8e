"""The durable workflows: orders, dispatches, searches and late events."""
