"""Validates the URLs of images, before any DNS lookup."""

from urllib.parse import urlsplit

LONGEST_ADDRESS = 2048


def checked_address(url: str) -> str:
    """Return the URL of an image unchanged. Raises ValueError with a sentence that says what to fix.

    No DNS lookup is made: whether the host is public is checked when the image is fetched.
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
