"""Texts for people: phrases with values in Chinese and English, and escaping for where they are shown."""
