"""Pictures in the hands of human designers: one dispatch a picture."""
