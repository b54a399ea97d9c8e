"""A simulator of Gemini."""
