"""Where a picture may lie: what is no address on the web is refused before a name is looked up."""

from urllib.parse import urlsplit

LONGEST_ADDRESS = 2048


def checked_address(url: str) -> str:
    """Return an address of a picture unchanged. Raises ValueError with a sentence that says what to mend.

    It looks nothing up: whether the host is a public one is found out when the picture is fetched.
    """
    if len(url) > LONGEST_ADDRESS:
        raise ValueError(f"Give a picture's address of at most {LONGEST_ADDRESS} characters")
    if not url.isprintable() or " " in url:
        raise ValueError("Write spaces in a picture's address as %20; leave out line breaks and invisible characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("Check the host and the port in the picture's address: they cannot be read") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("Begin a picture's address with http:// or https:// and the name of a host")
    if "@" in parts.netloc:
        raise ValueError("Leave user and password out of a picture's address")
    if "\\" in parts.netloc or port == 0:
        raise ValueError("Check the host and the port in the picture's address: they cannot be read")
    return url
