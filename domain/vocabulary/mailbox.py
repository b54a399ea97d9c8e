"""The shop's own mailbox, as a setting holds it: a name for people, and an address for machines."""

import re
from email.headerregistry import Address

_NAMED = re.compile(r"(.*)<\s*([^<>\s]+)\s*>\s*", re.DOTALL)


def mailbox(text: str) -> Address:
    """Read `Name <address>`, the name in any script, quoted or not, or an address alone. Raises ValueError."""
    named = _NAMED.fullmatch(text.strip())
    name, address = (named[1], named[2]) if named else ("", text.strip())
    local, _, domain = address.rpartition("@")
    if not (local and domain):
        raise ValueError("it holds no address, such as: Shop <orders@shop.example>")
    if not local.isascii():
        raise ValueError(f"before the @ of {address} stand letters that few mail servers take: use ASCII alone")
    shown = " ".join(name.strip().strip('"').split())
    try:
        return Address(shown, addr_spec=f"{local}@{ascii_domain(domain)}")
    except Exception as error:
        raise ValueError(f"{address} is no e-mail address") from error


def ascii_domain(domain: str) -> str:
    """Return a domain in any script as mail servers know it (IDNA). Raises UnicodeError, which is a ValueError."""
    return domain if domain.isascii() else domain.encode("idna").decode()
