"""What is started, one server a file: its command line, its settings for the others, its readiness."""
