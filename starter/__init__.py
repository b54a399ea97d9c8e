"""The only door to Temporal."""
