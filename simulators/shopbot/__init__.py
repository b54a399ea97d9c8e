"""A simulator of the shop's chat bot, and the customers' chat page."""
