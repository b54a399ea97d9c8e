"""How urgent the running activity is."""

from temporalio import activity

USUAL = 3  # Temporal's priority where none is set


def urgency() -> int:
    """Return the priority of the running activity, 1 to 5. The lowest goes first, in waiting lines of ours too."""
    return (activity.in_activity() and activity.info().priority.priority_key) or USUAL
