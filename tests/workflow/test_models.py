"""Several models: who makes what another cannot, who waits for staff, and when the attempts have cost enough."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.attempts.policy import TRIES_WITH_FALLBACK
from domain.order.messages import RequestedPicture
from domain.order.order import Order
from domain.vocabulary.errors import ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from tests.fakes import COST
from tests.shop import FakeShop, OrderInHand

PICTURES = [RequestedPicture(image_url=f"https://shop.example/{number}.jpg") for number in (1, 2)]


async def paid(shop: FakeShop) -> OrderInHand:
    order = await shop.order(email="wang@example.com")
    await order.until(lambda o: o.quote)
    await order.signal("payment_received", payment_id="p1", amount="18.00")
    return order


def attempts(order: Order) -> list[tuple[str, Outcome | None]]:
    return [(attempt.model, attempt.outcome) for attempt in order.live[0].attempts]


@pytest.fixture
def shop_of_three(closed_shop: FakeShop) -> FakeShop:
    closed_shop.models = [closed_shop.model, closed_shop.stronger, closed_shop.other]
    return closed_shop


async def test_what_one_provider_refuses_another_makes(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelRefused("IMAGE_SAFETY")]
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.REFUSED), ("other-image", Outcome.PASSED)]
        assert shop.staff.told == []
        await order.signal("customer_message", text="不对,太暗")
        revised = await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and o.live[0].round == 1)
        assert attempts(revised)[2:] == [("other-image", Outcome.PASSED)], "its maker knows it"


async def test_what_is_taken_for_forbidden_is_for_people_to_see(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelRefused("PROHIBITED_CONTENT", Outcome.FORBIDDEN)]
    async with shop.open():
        order = await paid(shop)
        given = await order.reaches(Status.WITH_DESIGNER)
        assert attempts(given) == [("fake-image-1", Outcome.FORBIDDEN)]
        assert (len(shop.other.wishes), len(shop.stronger.wishes)) == (0, 0)


@pytest.mark.parametrize(
    ("advice", "next_model"),
    [("repair_prompt", "fake-image-1"), ("stronger_model", "fake-image-2"), ("other_provider", "other-image")],
)
async def test_a_check_that_fails_decides_who_tries_next(shop_of_three: FakeShop, advice: str, next_model: str) -> None:
    shop = shop_of_three
    shop.vision.scores, shop.vision.advices = [30], [advice]
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.POOR), (next_model, Outcome.PASSED)]
        used = {"fake-image-1": shop.model, "fake-image-2": shop.stronger, "other-image": shop.other}[next_model]
        assert "only 30 good" in used.wishes[-1].prompt


async def test_a_provider_that_is_away_is_soon_left_for_another(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelUnavailable("503")] * 50
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda o: shop.model.wishes, told=False)
        await order.pass_time(timedelta(minutes=5))
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.BROKEN), ("other-image", Outcome.PASSED)]
        assert len(shop.model.wishes) == TRIES_WITH_FALLBACK


async def test_a_provider_that_wants_a_long_rest_is_left_at_once(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelUnavailable("429", Outcome.BUSY, retry_after=timedelta(hours=6))]
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.BUSY), ("other-image", Outcome.PASSED)]


async def test_while_a_key_is_not_in_order_staff_are_told_once_and_it_goes_on_by_itself(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [ModelNotSetUp("API key expired")] * 4
    async with shop.open():
        order = await paid(shop)
        waiting = await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
        assert (waiting.status, waiting.live[0].attempts[1].choice.is_patient) == (Status.PROCESSING, True)
        assert "您好,图片正在处理中,稍后发您,请稍等" in shop.chat.said
        assert len(shop.staff.told) == 1
        assert shop.staff.told[0].startswith("**fake用不了,请处理**")
        await order.pass_time(timedelta(minutes=30))
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.NOT_SET_UP), ("fake-image-1", Outcome.PASSED)]
        assert len(shop.staff.told) == 1


async def test_several_orders_pictures_wait_for_one_key_with_one_word_each(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [ModelNotSetUp("API key expired")] * 8
    async with shop.open():
        order = await shop.order(*PICTURES, email="wang@example.com")
        await order.until(lambda o: o.quote)
        await order.signal("payment_received", payment_id="p1", amount="36.00")
        await order.until(lambda o: all(len(p.attempts) == 2 for p in o.live) and not o.notices)
        assert "".join(shop.staff.told).count("用不了") == 1
        assert shop.chat.said.count("您好,图片正在处理中,稍后发您,请稍等") == 1


async def test_staff_hear_of_a_key_once_although_another_provider_takes_over(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelNotSetUp("API key expired")] * 2
    async with shop.open():
        for _ in range(2):
            order = await paid(shop)
            shown = await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and not o.notices)
            assert attempts(shown) == [("fake-image-1", Outcome.NOT_SET_UP), ("other-image", Outcome.PASSED)]
        assert [words.splitlines()[0] for words in shop.staff.told] == ["**fake用不了,请处理**"]
        assert "您好,图片正在处理中,稍后发您,请稍等" not in shop.chat.said


async def test_a_key_that_is_mended_into_a_busy_minute_fails_nothing(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [*[ModelNotSetUp("API key expired")] * 30, ModelUnavailable("429", Outcome.BUSY)]
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
        await order.pass_time(timedelta(hours=4))
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.NOT_SET_UP), ("fake-image-1", Outcome.PASSED)]


async def test_who_is_too_dear_to_take_over_is_waited_past(shop_of_three: FakeShop) -> None:
    """The other provider is beyond the limit once the first look is paid: no loop, one word to the customer."""
    shop = shop_of_three
    shop.cost_limit = COST
    shop.other_cost = 2 * COST
    shop.model.failures = [ModelNotSetUp("API key expired")] * 3
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
        await order.pass_time(timedelta(minutes=30))
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.NOT_SET_UP), ("fake-image-1", Outcome.PASSED)]
        assert shop.chat.said.count("您好,图片正在处理中,稍后发您,请稍等") == 1


async def test_a_stronger_model_that_is_not_set_up_does_not_hold_back_a_result(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.models = [shop.model, shop.stronger]
    shop.vision.scores, shop.vision.advices = [60], ["stronger_model"]
    shop.stronger.failures = [ModelNotSetUp("404")] * 9
    async with shop.open():
        order = await paid(shop)
        shown = await order.until(lambda o: o.status is Status.AWAITING_CONFIRM and not o.notices)
        assert attempts(shown) == [
            ("fake-image-1", Outcome.POOR),
            ("fake-image-2", Outcome.NOT_SET_UP),
            ("fake-image-1", Outcome.PASSED),
        ]
        assert [words.splitlines()[0] for words in shop.staff.told] == ["**fake用不了,请处理**"]


async def test_what_one_provider_refuses_does_not_wait_for_the_key_of_another(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.model.failures = [ModelRefused("SAFETY")]
    shop.other.failures = [ModelNotSetUp("overdue")] * 9
    async with shop.open():
        order = await paid(shop)
        given = await order.reaches(Status.WITH_DESIGNER)
        assert attempts(given) == [("fake-image-1", Outcome.REFUSED), ("other-image", Outcome.NOT_SET_UP)]


async def test_an_order_that_waits_tells_staff_although_another_one_did(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [ModelNotSetUp("API key expired")] * 9
    async with shop.open():
        for number in (1, 2):
            order = await paid(shop)
            await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
            assert len(shop.staff.told) == number


async def test_what_staff_resume_may_cost_what_it_costs_for_one_round(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.cost_limit = COST
    shop.model.failures = [ModelRefused("SAFETY")]
    async with shop.open():
        order = await paid(shop)
        await order.reaches(Status.WITH_DESIGNER)
        shop.vision.scores = [30, 90]
        await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert shown.spent.cost == 2 * COST
        await order.signal("customer_message", text="不对,太暗")
        await order.until(lambda o: o.status is Status.WITH_DESIGNER)
        assert len(shop.model.wishes) == 3


async def test_a_cancelled_order_does_not_wait_for_a_key(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [ModelNotSetUp("API key expired")] * 30
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda o: len(o.live[0].attempts) == 2 and not o.notices)
        await order.signal("cancel_requested", requested_by="staff")
        await order.reaches(Status.CANCELLED)


async def test_the_loss_is_stopped_and_the_best_is_shown(shop_of_three: FakeShop) -> None:
    shop = shop_of_three
    shop.cost_limit = 2 * COST
    shop.vision.scores, shop.vision.advices = [30, 40, 95], ["stronger_model"] * 3
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown) == [("fake-image-1", Outcome.POOR), ("fake-image-2", Outcome.POOR)]
        assert (shown.live[0].shown, shown.live[0].spent.cost) == (2, 2 * COST)
        await order.until(lambda o: not o.notices)
        assert "图片质检未通过" in shop.staff.told[0]


async def test_without_anything_to_show_the_stopped_loss_goes_to_people_who_may_go_on(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.cost_limit = COST
    hung: ModelError = ModelUnavailable("hung", Outcome.TIMED_OUT, possibly_billed=True)
    shop.model.failures = [hung] * 3
    async with shop.open():
        order = await paid(shop)
        given = await order.reaches(Status.WITH_DESIGNER)
        assert (attempts(given), len(shop.model.wishes)) == ([("fake-image-1", Outcome.TOO_DEAR)], 1)
        await order.until(lambda o: not o.notices)
        assert any("作图费用已到上限" in words for words in shop.staff.told)
        shop.model.failures = []
        await order.signal("processing_resumed", requested_by="staff", task_id=order.task_id)
        await order.reaches(Status.AWAITING_CONFIRM)


async def test_of_several_results_the_best_is_shown_and_mailed(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.pictures, shop.vision.scores = 3, [75, 92, 80]
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert (shown.live[0].result.score, shown.live[0].result.file.key.rpartition("/")[2]) == (
            92,
            "attempt-1-2-generated.png",
        )
        await order.signal("customer_message", text="可以")
        await order.reaches(Status.COMPLETED)
        assert shop.mail.letters[0].attachments[0].data == b"finished picture 1, number 2"
        assert len(next(iter(shop.records.results.values()))) == 3


async def test_models_that_are_set_up_later_are_taken_by_orders_that_are_open(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.model.failures = [ModelUnavailable("503")] * 50
    async with shop.open():
        order = await paid(shop)
        await order.until(lambda o: len(shop.model.wishes) >= 2, told=False)
    shop.models = [shop.model, shop.other]
    async with shop.open():
        await order.pass_time(timedelta(minutes=5))
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert attempts(shown)[-1] == ("other-image", Outcome.PASSED)


async def test_an_order_knows_what_it_cost_and_what_is_left(closed_shop: FakeShop) -> None:
    shop = closed_shop
    shop.vision.scores = [30]
    async with shop.open():
        order = await paid(shop)
        shown = await order.reaches(Status.AWAITING_CONFIRM)
        assert shown.spent.cost == 2 * COST
        assert shown.spent.calls == 5  # a first look, and two attempts with a check each
        assert shown.margin == Decimal(18) - 2 * COST
