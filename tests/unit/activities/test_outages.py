import pytest

from activities.outages import QUIET, STALE, TELL_AFTER, OutageNews, Outages, monitored
from domain.texts.phrase import said
from domain.vocabulary.errors import KeyUnusable, OutsideRefused, OutsideUnavailable

WHY = said("error.outside_unavailable", detail="451 later")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outages(clock: Clock) -> Outages:
    return Outages(clock)


def fail_for(outages: Outages, clock: Clock, seconds: float, asked: str = "send", orders: int = 13) -> None:
    for _ in range(int(seconds) + 1):
        for _ in range(orders):
            outages.record_failure("mail", asked, WHY)
        clock.now += 1


def tell(outages: Outages) -> list[OutageNews]:
    news = outages.unreported()
    for one in news:
        outages.mark_reported(one)
    return news


def test_staff_hear_once_of_a_trouble_of_many_orders_and_once_when_it_is_over(outages: Outages, clock: Clock) -> None:
    fail_for(outages, clock, TELL_AFTER)
    assert tell(outages) == [OutageNews("mail", WHY)]
    fail_for(outages, clock, 1000)
    assert tell(outages) == []
    outages.record_success("mail", "send")
    clock.now += QUIET
    assert tell(outages) == [OutageNews("mail", None)]
    assert tell(outages) == []


def test_a_short_trouble_is_not_told(outages: Outages, clock: Clock) -> None:
    fail_for(outages, clock, TELL_AFTER - 2)
    outages.record_success("mail", "send")
    fail_for(outages, clock, TELL_AFTER - 2)
    clock.now += 10 * TELL_AFTER
    assert tell(outages) == []


def test_one_failure_and_then_nothing_is_no_trouble(outages: Outages, clock: Clock) -> None:
    outages.record_failure("mail", "send", WHY)
    clock.now += TELL_AFTER * 2
    assert tell(outages) == []


def test_what_works_otherwise_hides_no_trouble(outages: Outages, clock: Clock) -> None:
    """A disk that is full is read well."""
    for _ in range(int(TELL_AFTER) + 1):
        outages.record_failure("storage", "put", WHY)
        outages.record_success("storage", "get")
        clock.now += 1
    assert tell(outages) == [OutageNews("storage", WHY)]


def test_staff_who_could_not_be_told_are_told_next_time(outages: Outages, clock: Clock) -> None:
    fail_for(outages, clock, TELL_AFTER)
    assert outages.unreported() == tell(outages)


def test_a_trouble_that_nobody_met_again_is_over(outages: Outages, clock: Clock) -> None:
    fail_for(outages, clock, TELL_AFTER)
    tell(outages)
    clock.now += STALE
    assert tell(outages) == [OutageNews("mail", None)]


class Mail:
    failures: list[Exception]

    async def send(self, letter: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return letter

    def link(self, key: str) -> str:
        return key


async def test_a_port_tells_of_its_troubles_and_is_otherwise_what_it_was(outages: Outages, clock: Clock) -> None:
    port = Mail()
    port.failures = [OutsideUnavailable("451 <wang@example.com>"), OutsideRefused("535")]
    mail = monitored(port, "mail", outages)
    assert mail.link("key") == "key"
    for _ in range(2):
        with pytest.raises((OutsideUnavailable, OutsideRefused)) as caught:
            await mail.send("letter")
        assert not caught.value.is_alone
        clock.now += TELL_AFTER
    (news,) = outages.unreported()
    assert news.reason
    assert "wang" not in str(news.reason)
    assert await mail.send("letter") == "letter"
    assert outages.unreported() == []


async def test_who_alone_is_not_served_knows_it(outages: Outages, clock: Clock) -> None:
    port = Mail()
    port.failures = []
    mail = monitored(port, "mail", outages)
    await mail.send("letter")
    port.failures = [OutsideUnavailable("451")] * 2
    with pytest.raises(OutsideUnavailable) as caught:
        await mail.send("another")
    assert caught.value.is_alone
    clock.now += 1000
    with pytest.raises(OutsideUnavailable) as caught:
        await mail.send("another")
    assert not caught.value.is_alone


async def test_an_answer_is_an_answer_also_where_it_is_no(outages: Outages, clock: Clock) -> None:
    port = Mail()
    fail_for(outages, clock, TELL_AFTER)
    port.failures = [KeyUnusable("no")]
    with pytest.raises(KeyUnusable):
        await monitored(port, "mail", outages).send("letter")
    assert outages.unreported() == []
