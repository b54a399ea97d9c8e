"""E-mail by SMTP: headers, sending, and what replies mean."""
