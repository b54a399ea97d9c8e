"""Tuhui, the dispatch system of human designers: the wire, and what its answers mean."""
