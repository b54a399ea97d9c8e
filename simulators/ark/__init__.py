"""A stand-in for Volcengine Ark, where Seedream lives."""
