"""The state of an order and of its pictures, and the messages that change it."""
