"""Which addresses a picture may be fetched from; what is connected to: tests/integration/adapters/test_ssrf.py."""

import pytest

from adapters.web import PublicWeb, is_public
from domain.vocabulary.errors import PictureUnreachable
from tests.ssrf import INVISIBLE, MALFORMED, aimed_at


@pytest.mark.parametrize("url", aimed_at(80, [*INVISIBLE, *MALFORMED]), ids=lambda url: ascii(url)[:40])
async def test_what_is_no_web_address_is_refused_before_a_name_is_looked_up(url: str) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1, resolve=resolve).fetch(url)


async def test_a_name_without_an_address_is_refused() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return []

    with pytest.raises(PictureUnreachable):
        await PublicWeb(max_bytes=1, resolve=resolve).fetch("http://pictures.example/")


PUBLIC = """
    8.8.8.8 1.1.1.1 47.88.1.2 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 192.0.1.1 168.63.129.17 223.255.255.254
    2606:4700::1111 2400:3200::1 2001:4860:4860::8888 2001:200::1
"""
# Each was public to one version of Python or another, or would be to a check of the number alone.
NOT_PUBLIC = """
    192.0.0.9 192.0.0.10 192.0.0.192 192.88.99.1 168.63.129.16 100.64.0.1 224.0.0.1 240.0.0.1
    2001::1 2001:1::1 2001:3::1 2001:4:112::1 2001:20::1 2001:30::1 2002:808:808::1 3fff::1 fec0::1 5f00::1 ff0e::1
    64:ff9b::808:808 64:ff9b:1::1 ::ffff:8.8.8.8 ::8.8.8.8
"""


@pytest.mark.parametrize("address", PUBLIC.split())
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_addresses_that_lead_elsewhere_than_they_seem_are_not_public(address: str) -> None:
    assert not is_public(address)
