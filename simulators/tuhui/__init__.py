"""A stand-in for Tuhui, the dispatch system of human designers."""
