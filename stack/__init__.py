"""Starts and stops everything on this machine as one."""
