"""A believable task history, for trying the page and its API."""
