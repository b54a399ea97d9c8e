"""Addresses of databases as people paste them, such as libpq and hosters write them."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SCHEME = "postgresql+asyncpg"
SCHEMES = {"postgres", "postgresql", SCHEME}
RENAMED = {"sslmode": "ssl"}  # as asyncpg calls them
TAKEN = {"ssl", "host", "port", "user", "password", "database", "passfile", "target_session_attrs", "direct_tls"}
NEEDLESS = {"channel_binding", "connect_timeout", "application_name", "client_encoding", "gssencmode", "options"}


def usable(url: str) -> str:
    """Return the address as SQLAlchemy and asyncpg want it. Raises ValueError, which tells no password."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise ValueError("is no address of a database: a password with special characters is %-encoded") from None
    if parts.scheme not in SCHEMES:
        raise ValueError(f"begins with {SCHEME}:// (postgres:// and postgresql:// are taken for the same)")
    asked = [(RENAMED.get(name, name), value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if unknown := sorted({name for name, _ in asked} - TAKEN - NEEDLESS):
        raise ValueError(f"has parameters that are not known here: {', '.join(unknown)} (PGSSL... names files of TLS)")
    kept = urlencode([(name, value) for name, value in asked if name in TAKEN], safe="/:,")
    return urlunsplit(parts._replace(scheme=SCHEME, query=kept))
