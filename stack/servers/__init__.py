"""The servers of the stack, one per file: command line, settings for the others, readiness."""
