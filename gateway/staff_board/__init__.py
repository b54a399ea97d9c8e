"""The board for staff: what needs them, every order, and what they do with it."""
