"""Prices and quotes, and checking payments against them."""
