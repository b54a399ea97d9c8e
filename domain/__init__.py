"""What an order is: pure rules, standard library and pydantic only."""
