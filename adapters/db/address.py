"""Normalises database URLs, in the forms of libpq and hosting providers."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SCHEME = "postgresql+asyncpg"
SCHEMES = {"postgres", "postgresql", SCHEME}
RENAMED = {"sslmode": "ssl"}  # to asyncpg's names
TAKEN = {"ssl", "host", "port", "user", "password", "database", "passfile", "target_session_attrs", "direct_tls"}
NEEDLESS = {"channel_binding", "connect_timeout", "application_name", "client_encoding", "gssencmode", "options"}


def usable(url: str) -> str:
    """Return the URL for SQLAlchemy and asyncpg. Raises ValueError, whose message contains no password."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise ValueError("invalid database URL (percent-encode special characters in the password)") from None
    if parts.scheme not in SCHEMES:
        raise ValueError(f"must begin with {SCHEME}:// (or postgres://, postgresql://)")
    asked = [(RENAMED.get(name, name), value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if unknown := sorted({name for name, _ in asked} - TAKEN - NEEDLESS):
        raise ValueError(f"unknown parameters: {', '.join(unknown)} (set TLS files with PGSSL... variables)")
    kept = urlencode([(name, value) for name, value in asked if name in TAKEN], safe="/:,")
    return urlunsplit(parts._replace(scheme=SCHEME, query=kept))
