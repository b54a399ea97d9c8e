import pytest

from domain.vocabulary.picture_addresses import LONGEST_ADDRESS, checked_address
from tests.ssrf import INVISIBLE, aimed_at


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example",
        "HTTPS://Pictures.Example:8443/a/b.jpg?size=big#top",
        "https://图片.example/王小姐 的照片.jpg".replace(" ", "%20"),
        "https://pictures.example/a@b:c\\d.jpg",
        "http://[2606:4700::1111]/x.png",
        "http://127.0.0.1/",  # whether it is public is found out when it is fetched
        "https://pictures.example/" + "a" * (LONGEST_ADDRESS - 25),
    ],
)
def test_an_address_on_the_web_is_taken_as_it_is(url: str) -> None:
    assert checked_address(url) == url


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("", "Begin"),
        ("photo.jpg", "Begin"),
        ("//pictures.example/x.png", "Begin"),
        ("pictures.example/x.png", "Begin"),
        ("localhost:80", "Begin"),
        ("file:///etc/passwd", "Begin"),
        ("ftp://pictures.example/x.png", "Begin"),
        ("data:image/png;base64,AAAA", "Begin"),
        ("javascript:alert(1)", "Begin"),
        ("http:pictures.example", "Begin"),
        ("http://", "Begin"),
        ("http:///x.png", "Begin"),
        ("http://:80/", "Begin"),
        ("http://user:word@pictures.example/", "Leave user and password out"),
        ("http://user@pictures.example/", "Leave user and password out"),
        ("http://pictures.example\\@other.example/", "Leave user and password out"),
        ("http://pictures.example:0/", "Check the host and the port"),
        ("http://pictures.example:65536/", "Check the host and the port"),
        ("http://pictures.example:-1/", "Check the host and the port"),
        ("http://pictures.example:８０/", "Check the host and the port"),
        ("http://pictures.example:80:80/", "Check the host and the port"),
        ("http://pictures.example\\.other.example/", "Check the host and the port"),
        ("http://[::1/", "Check the host and the port"),
        ("http://[pictures.example]/", "Check the host and the port"),
        ("http://8.8.8.8／.example/", "Check the host and the port"),
        ("https://pictures.example/a photo.jpg", "%20"),
        ("https://pictures.example/a\u3000photo.jpg", "%20"),
        ("https://pictures.example/a\u202egpj.exe", "invisible"),
        ("https://pictures.example/" + "a" * (LONGEST_ADDRESS - 24), "at most 2048 characters"),
    ],
)
def test_what_is_no_address_on_the_web_is_refused_with_what_to_mend(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        checked_address(url)


@pytest.mark.parametrize("url", aimed_at(80, INVISIBLE), ids=ascii)
def test_nothing_invisible_is_part_of_an_address(url: str) -> None:
    with pytest.raises(ValueError, match="invisible"):
        checked_address(url)
