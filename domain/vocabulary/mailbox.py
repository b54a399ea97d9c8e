"""Parses the shop's own mailbox from a setting: a display name and an e-mail address."""

import re
from email.headerregistry import Address

_NAMED = re.compile(r"(.*)<\s*([^<>\s]+)\s*>\s*", re.DOTALL)


def mailbox(text: str) -> Address:
    """Parse `Name <address>`, the name in any script, quoted or not, or just an address. Raises ValueError."""
    named = _NAMED.fullmatch(text.strip())
    name, address = (named[1], named[2]) if named else ("", text.strip())
    local, _, domain = address.rpartition("@")
    if not (local and domain):
        raise ValueError("no e-mail address (expected e.g. Shop <orders@shop.example>)")
    if not local.isascii():
        raise ValueError(f"only ASCII is allowed before the @ of {address}: few mail servers accept other characters")
    shown = " ".join(name.strip().strip('"').split())
    try:
        return Address(shown, addr_spec=f"{local}@{ascii_domain(domain)}")
    except Exception as error:
        raise ValueError(f"invalid e-mail address {address}") from error


def ascii_domain(domain: str) -> str:
    """Return a domain of any script in ASCII (IDNA). Raises UnicodeError, which is a ValueError."""
    return domain if domain.isascii() else domain.encode("idna").decode()
