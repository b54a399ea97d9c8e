"""Values in the filters of Temporal's lists."""


def quoted(value: str) -> str:
    """Return a value as it stands between single quotes in a filter."""
    return value.replace("\\", "\\\\").replace("'", "\\'")
