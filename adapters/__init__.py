"""Implementations of the ports: database, storage, models, mail, chat, and the other outside systems."""
