"""The real outside behind each port."""
