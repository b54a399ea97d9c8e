import pytest
from temporalio.testing import ActivityEnvironment

from activities.delivery import Delivery
from domain.errors import AddressRefused, OutsideUnavailable
from domain.ports import EncodedImage
from domain.work import DeliveredFile, MailInput, MailOutcome
from tests.fakes import PNG, DefaultPhrases, FakeFiles, FakeMail
from tests.unit.domain.making import ORDER_ID

LIMIT = 100


def letter(*sizes: int, name: str = "王小明") -> MailInput:
    files = [
        DeliveredFile(key=f"k{n}", filename=f"{ORDER_ID}_{n}.png", content_type=PNG, file_size=size)
        for n, size in enumerate(sizes, 1)
    ]
    return MailInput(order_id=ORDER_ID, delivery=2, to="wang@example.com", customer_name=name, files=files)


class PostOffice:
    """Delivery on fakes."""

    def __init__(self) -> None:
        self.files, self.mail = FakeFiles(), FakeMail()
        self.files.stored = {f"k{n}": EncodedImage(b"picture", PNG) for n in (1, 2)}
        self.delivery = Delivery(self.files, self.mail, DefaultPhrases(), LIMIT, "darkroom.example")

    async def send(self, request: MailInput) -> MailOutcome:
        return await ActivityEnvironment().run(self.delivery.mail, request)


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


async def test_a_letter_brings_files_and_links(office: PostOffice) -> None:
    outcome = await office.send(letter(60, 40))
    assert outcome == MailOutcome(status="sent", message_id=f"<{ORDER_ID}.2@darkroom.example>")
    sent = office.mail.letters[0]
    assert (sent.to, sent.subject) == ("wang@example.com", f"您的图片已处理完成({ORDER_ID})")
    assert [attachment.filename for attachment in sent.attachments] == [f"{ORDER_ID}_1.png", f"{ORDER_ID}_2.png"]
    assert "https://darkroom.example/d/k1" in sent.text
    assert 'href="https://darkroom.example/d/k2"' in sent.html


async def test_files_that_are_too_large_together_are_only_linked(office: PostOffice) -> None:
    await office.send(letter(60, 41))
    sent = office.mail.letters[0]
    assert sent.attachments == ()
    assert "文件比较大" in sent.text
    assert "https://darkroom.example/d/k2" in sent.text


async def test_a_letter_sent_again_has_the_same_message_id(office: PostOffice) -> None:
    office.mail.failures = [OutsideUnavailable("dropped after DATA")]
    with pytest.raises(OutsideUnavailable):
        await office.send(letter(10))
    first, second = await office.send(letter(10)), await office.send(letter(10))
    assert first.message_id == second.message_id == office.mail.letters[0].message_id


async def test_a_refused_address_is_answered_not_raised(office: PostOffice) -> None:
    office.mail.failures = [AddressRefused("550 no such user")]
    outcome = await office.send(letter(10))
    assert (outcome.status, outcome.error.phrase) == ("refused", "error.address_refused")


async def test_a_name_cannot_write_into_the_page(office: PostOffice) -> None:
    await office.send(letter(10, name="<script>{evil}</script>"))
    assert "<script>" not in office.mail.letters[0].html
    assert "&lt;script&gt;{evil}" in office.mail.letters[0].html
