"""Upkeep: what is cleaned up, checked and reported once a day."""
