"""A simulator of a mail server and its mailboxes."""
