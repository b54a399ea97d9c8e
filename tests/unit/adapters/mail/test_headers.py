"""A letter's headers are read back as they were written, whatever stands in them, in lines of a decent length."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.smtp import SmtpMail
from domain.ports import Attachment, Letter

WORDS = st.text(st.sampled_from("订单长é😀aZ 9-=?_<>,.:;\"'()"), max_size=300)


def composed(subject: str = "您的图片好了", sender: str = "orders@shop.example", filename: str = "x.jpg") -> bytes:
    letter = Letter("id", "li@x.example", subject, "您好", "<p>您好</p>", (Attachment(filename, b"x", "image/jpeg"),))
    return SmtpMail("mail.example", 25, sender)._compose(letter, Address(addr_spec=letter.to))


def lines(raw: bytes) -> list[bytes]:
    return raw.partition(b"\r\n\r\n")[0].split(b"\r\n")


@given(WORDS)
def test_a_subject_of_any_words_and_length_arrives(subject: str) -> None:
    raw = composed(subject)
    assert str(message_from_bytes(raw, policy=default)["Subject"]) == " ".join(subject.split())
    assert max(map(len, lines(raw))) <= 78
    assert raw.isascii()


NAMES = ["暗房", "暗房, 图片(官方)", "Café", "照" * 100, "Shop, Ltd.", "A" * 70, "x" * 5 + " é" * 60]


@pytest.mark.parametrize("name", NAMES)
def test_a_senders_name_of_any_script_and_length_arrives(name: str) -> None:
    raw = composed(sender=f"{name} <orders@shop.example>")
    said = b"\r\n".join(lines(raw)).partition(b"From:")[2].partition(b"\r\nTo:")[0].decode()
    shown = str(make_header(decode_header(" ".join(said.split()))))
    assert shown.replace('"', "").replace("\\", "").removesuffix(" <orders@shop.example>").strip() == name
    assert message_from_bytes(raw, policy=default)["From"].addresses[0].addr_spec == "orders@shop.example"


@pytest.mark.parametrize("filename", ["修复后-第1张.jpg", "长" * 120 + ".png", 'a b;c="d".jpg', "é" * 80 + ".psd"])
def test_a_file_keeps_its_name(filename: str) -> None:
    (part,) = message_from_bytes(composed(filename=filename), policy=default).iter_attachments()
    assert part.get_filename() == filename
