"""Limits on the size of texts, lists and the whole state of an order."""
