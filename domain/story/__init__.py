"""What happens in an order: what is heard, what follows, and when."""
