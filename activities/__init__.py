"""The activities: what workflows do in the outside world, one class per capability, given ports in `__init__`."""
