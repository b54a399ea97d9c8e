"""What people are told: phrases with values, in each language, escaped for where they are shown."""
