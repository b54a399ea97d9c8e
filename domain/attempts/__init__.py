"""Attempts to make a picture: choosing the model, its prompt, and the ledger of calls."""
