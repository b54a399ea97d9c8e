"""Packaged networks: super-resolution, cut-out, text detection."""
