"""A stand-in for the shop's chat bot and the chat page of its customers."""
