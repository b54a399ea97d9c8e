"""A stand-in for a mail server, and the mailboxes behind it."""
