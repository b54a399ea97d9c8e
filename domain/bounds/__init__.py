"""How long texts, lists and the whole state of an order may be."""
