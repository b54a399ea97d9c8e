"""All settings, one class per group; runtime/settings.py combines them."""
