"""The outside world on this machine, wire-exact, with a ledger of the effects each part saw."""
