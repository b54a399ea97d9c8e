"""A simulator of Tuhui, the dispatch system of human designers."""
