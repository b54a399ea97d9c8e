"""Addresses of services as settings hold them: one that no request could be sent to is told at the start."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import getproxies

import httpx

MORE = frozenset("?#")  # what begins a query or a fragment: paths are put behind our addresses
HIGHEST_PORT = 65535


def web_address(url: str, *, whole: bool = False) -> str:
    """Return the address of a service on the web, without the blanks around it. Raises ValueError, quoting nothing.

    One that is `whole` is used as it stands, so that it may have a query.
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
        raise ValueError("is no address on the web, such as https://service.example: http or https, a host, no blanks")
    if not whole and MORE & set(url):
        raise ValueError("has a ? or a #, and paths are put behind it: leave out what begins there")
    return url


def host_and_port(address: str) -> str:
    """Return `host:port`, without the blanks around it. Raises ValueError where it is something else."""
    address = address.strip()
    host, _, port = address.rpartition(":")
    if not host or set("/ @") & set(address) or not (port.isascii() and port.isdecimal() and _is_port(int(port))):
        raise ValueError("is a host and a port, such as temporal.example:7233, without http://")
    return address


def host(name: str) -> str:
    """Return the name or number of a host, without the blanks around it. Raises ValueError where it is more."""
    name = name.strip()
    if not name or set("/ @") & set(name) or name.count(":") == 1:
        raise ValueError("is the name of a host alone, such as smtp.example: its port has a setting of its own")
    return name


def unusable(shell: Mapping[str, str]) -> Iterator[str]:
    """Say what of the shell would break each request of ours: a proxy that is none, certificates that are not there."""
    for scheme in ("http", "https", "all"):
        proxy = getproxies().get(scheme, "")
        try:
            _ = proxy and httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")
        except (httpx.InvalidURL, ValueError):
            yield f"{scheme.upper()}_PROXY is no proxy such as http://127.0.0.1:8080 or socks5://127.0.0.1:1080"
    if (file := shell.get("SSL_CERT_FILE")) and not Path(file).is_file():
        yield "SSL_CERT_FILE names no file of certificates: correct it, or unset it"


def _is_port(port: int | None) -> bool:
    return port is None or 0 < port <= HIGHEST_PORT
