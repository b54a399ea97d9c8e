"""Task history: what was made for a user, what it cost, and what the user's plan allows."""
