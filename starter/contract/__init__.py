"""The generator of docs/contract.md."""
