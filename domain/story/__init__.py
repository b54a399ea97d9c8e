"""What happens in an order: messages, their consequences, deadlines and delivery."""
