"""Seedream on Volcengine Ark: client and error handling."""
