"""Every setting, in groups; runtime/settings.py puts them together."""
