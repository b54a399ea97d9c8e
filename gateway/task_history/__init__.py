"""The task history: each end user's own records, as an API for programs that have the user's token."""
