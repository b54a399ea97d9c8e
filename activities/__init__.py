"""What the workflows have done in the outside world, a class a capability; ports arrive in `__init__`."""
