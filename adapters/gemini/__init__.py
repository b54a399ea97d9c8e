"""Gemini: client and error handling."""
