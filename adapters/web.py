"""Downloads customers' pictures by URL, from public IP addresses only."""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import httpx

from adapters.http import is_permanent, retry_after
from domain.ports import EncodedImage
from domain.texts.phrase import said
from domain.vocabulary.errors import OutsideUnavailable, PictureUnreachable, away
from domain.vocabulary.picture_addresses import checked_address

MAX_REDIRECTS = 5
FINISHED_SECONDS = 240.0  # for a file of up to 200 MB
MAX_ADDRESSES = 8  # of one host; a domain must not direct us to a thousand other hosts
DEFAULT_PORTS = {"http": 80, "https": 443}
HIGHEST_PORT = 65_535
# Compressed bodies are neither requested nor unpacked, so that the limit applies to the bytes received.
HEADERS = {"accept": "image/*,*/*;q=0.5", "accept-encoding": "identity", "user-agent": "Darkroom"}

# Letters, digits and dots: no percent sign, zone, backslash, or anything else that parsers disagree on.
_HOST = re.compile(r"(?=.{1,253}$)([0-9a-z_-]{1,63}\.)*[0-9a-z_-]{1,63}\.?|(?=.*:)[0-9a-f:.]{2,45}", re.IGNORECASE)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # excludes mapped, NAT64, local and multicast addresses
# Public by number only, or by the word of some versions of Python: Teredo and other protocols, 6to4 (both carry any
# IPv4 address), a range for books; protocols again (and Oracle's metadata service), 6to4's relays, Azure's metadata.
_NOT_PUBLIC_V6 = (IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"))
_NOT_PUBLIC_V4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv4Network("168.63.129.16/32"))

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def system_resolve(host: str, port: int) -> list[str]:
    """Return every A and AAAA of a host. Raises PictureUnreachable, OutsideUnavailable."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise OutsideUnavailable(f"The name {host!r} cannot be looked up now", why=away("picture_host")) from error
        raise PictureUnreachable(f"There is no host {host!r}", why=said("address.no_host", host=host)) from error
    except UnicodeError as error:  # an empty label, or one over 63 letters
        raise PictureUnreachable(f"There is no host {host!r}", why=said("address.no_host", host=host)) from error
    return [str(address[0]) for *_, address in found]


def is_public(address: str) -> bool:
    """Whether an IP address is public: not in a private network, and not an internal address of a cloud."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in network for network in _NOT_PUBLIC_V6)
    return _is_public_v4(ip)


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC_V4)


class PublicOnly(httpx.AsyncHTTPTransport):
    """Connects to the address that was checked, so that a changed DNS answer has no effect (DNS rebinding)."""

    def __init__(self, private_hosts: Collection[str], resolve: Resolve, tls: ssl.SSLContext) -> None:
        # No connection is kept: one to a shared address must not serve another host's name.
        super().__init__(verify=tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._private_hosts = private_hosts
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to a checked address. Raises PictureUnreachable."""
        addresses = await self._checked(request.url)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # a host may answer on only one of its addresses
        return await super().handle_async_request(_pinned(request, addresses[-1]))

    async def _checked(self, url: httpx.URL) -> list[str]:
        host = url.raw_host.decode("ascii")
        port = DEFAULT_PORTS.get(url.scheme, 0) if url.port is None else url.port
        if url.scheme not in DEFAULT_PORTS or url.userinfo or not _HOST.fullmatch(host) or not 0 < port <= HIGHEST_PORT:
            message = "A picture's address begins with http:// or https:// and a host, without a user"
            raise PictureUnreachable(message, why=said("address.none"))
        addresses = await self._resolve(host, port)
        if not addresses or not (f"{host}:{port}" in self._private_hosts or all(map(is_public, addresses))):
            raise PictureUnreachable(f"{host!r} is not a public address", why=said("address.not_public", host=host))
        return addresses[:MAX_ADDRESSES]


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """Return the request to an IP address; Host header and certificate name remain those of the URL."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=dict(request.extensions) | {"sni_hostname": request.url.raw_host.decode("ascii")},
    )


@dataclass(frozen=True)
class Download:
    """Where a download goes, piece by piece, and its limits."""

    write: Callable[[bytes], object]
    most_bytes: int
    seconds: float


class PublicWeb:
    """The Web port. Every download has its own client, so that no cookie is kept."""

    def __init__(
        self,
        *,
        max_bytes: int,
        timeout: timedelta = timedelta(seconds=30),
        private_hosts: Collection[str] = (),
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
        most_finished: int = 0,
    ) -> None:
        self._max_bytes = max_bytes
        self._most_finished = most_finished or max_bytes
        self._timeout = timeout.total_seconds()
        self._private_hosts = frozenset(private_hosts)
        self._resolve = resolve
        self._tls = tls or httpx.create_ssl_context()  # created once, since it takes 20 ms

    async def fetch(self, url: str) -> EncodedImage:
        """Download a picture. Raises PictureUnreachable, or OutsideUnavailable if a retry may succeed."""
        data = bytearray()
        content_type = await self._download(url, Download(data.extend, self._max_bytes, self._timeout))
        return EncodedImage(bytes(data), content_type)

    async def save(self, url: str, path: Path) -> None:
        """Download a finished file to disk. Raises the same."""
        with path.open("wb") as file:
            await self._download(url, Download(file.write, self._most_finished, FINISHED_SECONDS))

    async def _download(self, url: str, to: Download) -> str:
        """Download a file; return the content type, which is only a claim of the host: decoding validates it."""
        try:
            address = checked_address(url)
        except ValueError as error:
            raise PictureUnreachable(str(error), why=said("address.none")) from error
        try:
            async with asyncio.timeout(to.seconds):
                return await self._follow(address, to)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # UnicodeError: xn-- and garbage
            message = f"Not an address of a picture: {str(error)[:200]}"
            raise PictureUnreachable(message, why=said("address.none")) from error
        except (httpx.TransportError, TimeoutError) as error:
            message = f"The picture's host does not answer: {repr(error)[:200]}"
            raise OutsideUnavailable(message, why=away("picture_host")) from error

    async def _follow(self, url: str, to: Download) -> str:
        transport = PublicOnly(self._private_hosts, self._resolve, self._tls)
        hooks = {"response": [_check_location]}
        async with httpx.AsyncClient(
            transport=transport, headers=HEADERS, trust_env=False, event_hooks=hooks
        ) as client:
            request = client.build_request("GET", url)
            for _ in range(MAX_REDIRECTS + 1):
                response = await client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        return await _read(response, to)
                    request = response.next_request
                finally:
                    await response.aclose()  # the body of a redirect is never read
        raise PictureUnreachable(f"More than {MAX_REDIRECTS} redirects", why=said("address.redirects"))


async def _read(response: httpx.Response, to: Download) -> str:
    if response.status_code != httpx.codes.OK:
        raise _failure(response)
    taken = 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        if taken > to.most_bytes:
            message, most = f"The picture is larger than {to.most_bytes} bytes", to.most_bytes // 1_000_000
            raise PictureUnreachable(message, why=said("address.too_large", most=most))
        to.write(chunk)
        await asyncio.sleep(0)  # there may be thousands of chunks: let the timeout and other tasks run
    claimed: str = response.headers.get("content-type", "application/octet-stream")
    return claimed


async def _check_location(response: httpx.Response) -> None:
    """A redirect to an invalid URL is permanent, but httpx would report it as a network error."""
    if response.has_redirect_location:
        httpx.URL(response.headers["location"])


def _failure(response: httpx.Response) -> PictureUnreachable | OutsideUnavailable:
    message = f"The picture's host answered {response.status_code}"
    if is_permanent(response.status_code):
        return PictureUnreachable(message, why=said("address.answered", status=response.status_code))
    why = away("picture_host", str(response.status_code))
    return OutsideUnavailable(message, retry_after=retry_after(response.headers), why=why)
