import pytest
from temporalio.testing import ActivityEnvironment

from activities.alerting import Alerting
from domain.attempts.work import Alert, Alerted
from domain.vocabulary.errors import MessageRefused, OutsideRefused, OutsideUnavailable
from domain.vocabulary.staff_messages import fits
from domain.vocabulary.trail import Notice
from tests.fakes import FakeFiles, FakeStaff
from tests.unit.domain.making import ORDER_ID


class StaffPhrases:
    """Phrases of staff, of which one was emptied."""

    def text(self, key: str, **values: object) -> str:
        return {
            "paid": "**已付款** {amount}元",
            "long": "长" * 1000,
            "emptied": "",
            "work": "**新任务** {picture}",
            "staff_notice_refused": "{order}: {reason}",
        }[key].format(**values)


class Room:
    """Alerting on fakes."""

    def __init__(self) -> None:
        self.staff = FakeStaff()
        self.alerting = Alerting(self.staff, StaffPhrases(), FakeFiles(), lambda _: "")

    async def tell(self, *phrases: str) -> Alerted:
        notices = [
            Notice(notice_id=f"{ORDER_ID}-N{serial}", serial=serial, phrase=phrase, values={"amount": "18"})
            for serial, phrase in enumerate(phrases, 1)
        ]
        return await ActivityEnvironment().run(self.alerting.tell_staff, Alert(order_id=ORDER_ID, notices=notices))


@pytest.fixture
def room() -> Room:
    return Room()


async def test_all_notices_that_fit_are_one_message(room: Room) -> None:
    assert await room.tell("paid", "paid") == Alerted(told=2)
    assert room.staff.told == ["**已付款** 18元\n\n**已付款** 18元"]


async def test_what_did_not_fit_is_said_to_be_left(room: Room) -> None:
    assert (await room.tell("paid", "long", "long", "paid")).told == 2
    assert [fits(message) for message in room.staff.told] == [True]


async def test_a_notice_without_words_is_done_with_and_nobody_is_disturbed(room: Room) -> None:
    assert (await room.tell("emptied")).told == 1
    assert room.staff.told == []


async def test_a_message_that_was_not_taken_is_not_told(room: Room) -> None:
    room.staff.failures = [OutsideUnavailable("45009")]
    with pytest.raises(OutsideUnavailable):
        await room.tell("paid")
    assert room.staff.told == []


async def test_a_file_is_linked(room: Room) -> None:
    notice = Notice(notice_id="N1", serial=1, phrase="work", files={"picture": "folder/original.jpg"})
    await ActivityEnvironment().run(room.alerting.tell_staff, Alert(order_id=ORDER_ID, notices=[notice]))
    assert room.staff.told == ["**新任务** https://darkroom.example/d/folder/original.jpg"]


async def test_a_notice_that_is_refused_for_good_keeps_no_other_from_staff(room: Room) -> None:
    room.staff.failures = [MessageRefused("40058")] * 2
    assert await room.tell("paid", "paid") == Alerted(told=1)
    assert room.staff.told[0].startswith(ORDER_ID)


async def test_of_several_notices_the_first_goes_alone_where_they_are_refused_together(room: Room) -> None:
    room.staff.failures = [MessageRefused("40058")]
    assert await room.tell("paid", "paid") == Alerted(told=1)
    assert room.staff.told == ["**已付款** 18元"]


async def test_a_robot_that_takes_nothing_at_all_is_staffs_to_mend(room: Room) -> None:
    room.staff.failures = [MessageRefused("odd")] * 3
    with pytest.raises(OutsideRefused):
        await room.tell("paid")
