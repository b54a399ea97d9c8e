"""Whole orders in a simulated world, each run given by one number: the real workflows and activities, no server.

`runs.py` drives one run of a workflow, `server.py` is what Temporal would be, `faults.py` says what may go wrong,
`events.py` what people send, `oracle.py` what must hold at the end.
"""
