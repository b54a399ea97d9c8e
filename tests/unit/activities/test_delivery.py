import asyncio
import re
from html.parser import HTMLParser

import pytest
from temporalio.testing import ActivityEnvironment

from activities import delivery
from activities.delivery import Delivery
from domain.attempts.work import DeliveredFile, MailInput, MailOutcome
from domain.ports import EncodedImage
from domain.vocabulary.errors import AddressRefused, LetterTooLarge, OutsideUnavailable, PictureUnreadable
from domain.vocabulary.pictures import Operation
from tests.fakes import PNG, DefaultPhrases, FakeFiles, FakeImaging, FakeMail
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
        self.imaging = FakeImaging()
        self.delivery = Delivery(
            self.files,
            self.mail,
            DefaultPhrases(),
            LIMIT,
            "darkroom.example",
            imaging=self.imaging,
            shop="小林修图 & 朋友",
        )

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


async def test_a_letter_that_the_server_finds_too_large_goes_again_as_links(office: PostOffice) -> None:
    office.mail.failures = [LetterTooLarge("552 5.3.4 too big")]
    outcome = await office.send(letter(60, 40))
    (sent,) = office.mail.letters
    assert (outcome.status, sent.attachments, sent.message_id) == ("sent", (), outcome.message_id)
    assert "文件比较大" in sent.text
    assert "https://darkroom.example/d/k2" in sent.text


async def test_the_smaller_letter_may_be_refused_as_well(office: PostOffice) -> None:
    office.mail.failures = [LetterTooLarge("552 5.3.4 too big"), AddressRefused("550 5.1.1 no such user")]
    assert (await office.send(letter(60))).status == "refused"
    office.mail.failures = [LetterTooLarge("552 5.3.4 too big"), OutsideUnavailable("451 later")]
    with pytest.raises(OutsideUnavailable):
        await office.send(letter(60))


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


def whole_letter(*sizes: int) -> MailInput:
    """A letter whose files are described and have pictures to show."""
    request = letter(*sizes)
    for number, file in enumerate(request.files, 1):
        file.width, file.height, file.operation = 2048, 1536, Operation.REMOVE_BG
        file.original_key, file.view_key = f"k{number}", f"k{number}"
    return request


class Words(HTMLParser):
    """What people read of a page, and what it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loads: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"style", "title"}
        self.loads += [value or "" for name, value in attrs if name in {"src", "background", "srcset"}]
        self.loads += [value or "" for name, value in attrs if tag == "link" and name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.words.append(data.strip())


def read(page: str) -> Words:
    parsed = Words()
    parsed.feed(page)
    return parsed


@pytest.mark.parametrize("sizes", [(60, 40), (60, 41)])
async def test_both_parts_of_a_letter_say_the_same(office: PostOffice, sizes: tuple[int, ...]) -> None:
    await office.send(whole_letter(*sizes))
    sent = office.mail.letters[0]
    words = [one for one in read(sent.html).words if one not in {"原图", "做好的", "下载这张图"}]
    for word in words:
        assert word in sent.text
    for wanted in ("小林修图 & 朋友", "抠图", "2048 × 1536 像素", "1 KB", "一直有效", ORDER_ID):
        assert wanted in sent.text
        assert wanted in words or any(wanted in word for word in words)
    for file in whole_letter(*sizes).files:
        link = f"https://darkroom.example/d/{file.key}"
        assert link in sent.text
        assert f'href="{link}"' in sent.html


async def test_a_letter_shows_each_file_before_and_after_with_pictures_of_its_own(office: PostOffice) -> None:
    await office.send(whole_letter(10, 20))
    sent = office.mail.letters[0]
    names = ["before-1", "after-1", "before-2", "after-2"]
    assert [picture.filename for picture in sent.inline] == names
    assert read(sent.html).loads == [f"cid:{name}" for name in names], "and loads nothing from elsewhere"
    assert sent.inline[0].data == b"small picture"


async def test_a_letter_uses_the_thumbnails_that_were_made_when_the_files_were(office: PostOffice) -> None:
    request = whole_letter(10)
    (file,) = request.files
    file.original_key, file.key = "o/original.jpg", "o/attempt-1-plain-generated.psd"
    office.files.stored |= {
        file.key: EncodedImage(b"layers", PNG),
        "o/original-thumb.jpg": EncodedImage(b"small original", "image/jpeg"),
        "o/attempt-1-generated-thumb.jpg": EncodedImage(b"small result", "image/jpeg"),
    }
    office.imaging.failure = PictureUnreadable("nothing is made again")
    await office.send(request)
    assert [small.data for small in office.mail.letters[0].inline] == [b"small original", b"small result"]


@pytest.mark.parametrize("trouble", ["unreadable", "gone", "slow"])
async def test_no_letter_fails_or_waits_for_its_small_pictures(
    office: PostOffice, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = whole_letter(60, 60)
    if trouble == "unreadable":
        office.imaging.failure = PictureUnreadable("no")
    elif trouble == "gone":
        office.files.stored.clear()
    else:
        monkeypatch.setattr(delivery, "SHOWING_SECONDS", 0.01)
        monkeypatch.setattr(office.imaging, "thumbnail", lambda _: asyncio.Event().wait())
    assert (await office.send(request)).status == "sent"
    assert (office.mail.letters[0].inline, "cid:" in office.mail.letters[0].html) == ((), False)


async def test_of_many_files_the_first_are_shown_and_all_are_named(office: PostOffice) -> None:
    request = whole_letter(*[1] * 20)
    for file in request.files:
        file.original_key = file.view_key = file.key = "k1"
    for number, file in enumerate(request.files):
        file.key = "k1" if number % 2 else "k2"
    await office.send(request)
    sent = office.mail.letters[0]
    assert len(sent.inline) == 2 * delivery.MOST_SHOWN
    assert len(re.findall(r"下载这张图", sent.html)) == 20


@pytest.mark.parametrize("evil", ['"><script>x</script>', "<img src=http://evil.example>", "{order_id}", "&lt;"])
async def test_no_name_writes_into_the_page(office: PostOffice, evil: str) -> None:
    request = whole_letter(10)
    request.customer_name = request.files[0].filename = evil
    await office.send(request)
    sent = office.mail.letters[0]
    assert "<script" not in sent.html
    assert not [one for one in read(sent.html).loads if not one.startswith("cid:")]
    assert evil in " ".join(read(sent.html).words)
