"""The demo: orders with real photos, narrated as they happen."""
