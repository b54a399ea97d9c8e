"""Tuhui, the dispatch system of human designers: client and error handling."""
