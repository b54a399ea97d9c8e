"""The task history in Postgres: each transaction is one user's, and row-level security shows only that user's rows."""
