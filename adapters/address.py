"""Validates the service addresses in settings, so that unusable ones are reported at start-up."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import getproxies

import httpx

MORE = frozenset("?#")  # start a query or a fragment; not allowed, since we append paths
HIGHEST_PORT = 65535


def web_address(url: str, *, whole: bool = False) -> str:
    """Return the stripped http(s) URL of a service. Raises ValueError, whose message does not quote the URL.

    With `whole` the URL is used as it is, so it may have a query.
    """
    url = url.strip()
    try:
        parts = httpx.URL(url)
        is_fit = (
            parts.scheme in {"http", "https"}
            and bool(parts.host.strip("."))
            and _is_port(parts.port)
            and not re.search(r"\s", url)
        )
    except (httpx.InvalidURL, ValueError):
        is_fit = False
    if not is_fit:
        raise ValueError("invalid URL (expected e.g. https://service.example, without spaces)")
    if not whole and MORE & set(url):
        raise ValueError("must not contain ? or #, since paths are appended to it")
    return url


def host_and_port(address: str) -> str:
    """Return the stripped `host:port`. Raises ValueError if it is anything else."""
    address = address.strip()
    host, _, port = address.rpartition(":")
    if not host or set("/ @") & set(address) or not (port.isascii() and port.isdecimal() and _is_port(int(port))):
        raise ValueError("expected host:port without http://, e.g. temporal.example:7233")
    return address


def host(name: str) -> str:
    """Return the stripped host name or IP address. Raises ValueError if it is anything else."""
    name = name.strip()
    if not name or set("/ @") & set(name) or name.count(":") == 1:
        raise ValueError("expected a host name without port, e.g. smtp.example (the port is a separate setting)")
    return name


def unusable(shell: Mapping[str, str]) -> Iterator[str]:
    """Yield problems of the shell's variables that would break all our requests: invalid proxies or certificates."""
    for scheme in ("http", "https", "all"):
        proxy = getproxies().get(scheme, "")
        try:
            _ = proxy and httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")
        except (httpx.InvalidURL, ValueError):
            yield f"{scheme.upper()}_PROXY is invalid (expected e.g. http://127.0.0.1:8080 or socks5://127.0.0.1:1080)"
    if (file := shell.get("SSL_CERT_FILE")) and not Path(file).is_file():
        yield "SSL_CERT_FILE is not a certificate file: correct or unset it"


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port <= HIGHEST_PORT
