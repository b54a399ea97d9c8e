"""Commands for operators: set-up, API keys, diagnosis, and repair of database rows."""
