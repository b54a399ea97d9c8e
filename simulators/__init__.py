"""Wire-compatible simulators of the external systems, each with a ledger of the effects it saw."""
