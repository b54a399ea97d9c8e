"""Repairs old photographs: finds what is damage, and leaves alone what belongs to the picture."""
