"""Seedream on Volcengine Ark: the wire, and what its answers mean."""
