"""The demonstration: one order with real photographs, told as it happens."""
