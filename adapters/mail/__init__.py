"""E-mail over SMTP: headers, sending, and interpretation of replies."""
