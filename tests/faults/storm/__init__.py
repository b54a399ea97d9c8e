"""A storm: many orders at once on one real stack, and a fault every second, drawn from a seed.

`parts.py` is what can break, `weather.py` breaks it, `people.py` are customers, designers and staff, `verdict.py`
compares everybody's books at the end. `make storm` runs `__main__.py`.
"""
