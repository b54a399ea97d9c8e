"""Attempts to make a picture: which model comes next, what it is told, what is booked."""
