"""The only package that talks to Temporal as a client: starts, signals, updates and queries."""
