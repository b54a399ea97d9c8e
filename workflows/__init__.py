"""What must last: the order as a durable workflow."""
