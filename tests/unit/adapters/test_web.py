"""Which addresses a picture may be fetched from: every spelling of a private one is refused before a connection."""

import pytest

from adapters.web import PublicWeb, is_public
from domain.errors import PictureUnreachable


async def elsewhere(_host: str, _port: int) -> list[str]:
    return ["8.8.8.8", "2606:4700::1111", "10.1.2.3"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.255.255.254/",
        "http://0/",
        "http://0.0.0.0/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://user:password@127.0.0.1/",
        "http://8.8.8.8@127.0.0.1/",
        "http://127。0。0。1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1:80/",
        "https://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/latest/meta-data/",
        "http://168.63.129.16/",
        "http://100.64.0.1/",
        "http://192.0.0.192/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
        "http://[2001:db8::1]/",
    ],
)
async def test_a_private_address_is_refused_however_it_is_spelled(url: str) -> None:
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1).fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://8.8.8.8/",
        "gopher://8.8.8.8/",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "//8.8.8.8/x.png",
        "/etc/passwd",
        "photo.jpg",
        "",
        "http://",
        "http:///x.png",
        "http://8.8.8.8:99999/",
        "http://[::1/",
        "http://a..b/",
        "http://" + "a" * 70 + ".example/",
        "http://exa mple/",
        "http://x\r\nHost: y/",
    ],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1).fetch(url)


async def test_one_private_address_among_public_ones_spoils_a_name() -> None:
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1, resolve=elsewhere).fetch("http://pictures.example/")


async def test_an_allowed_private_host_is_allowed_on_its_port_only() -> None:
    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1, private_hosts=["127.0.0.1:8333"]).fetch("http://127.0.0.1:22/")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "47.88.1.2", "2606:4700::1111", "2400:3200::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
