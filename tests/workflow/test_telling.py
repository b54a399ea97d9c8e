"""What a customer is told over the wire when the chat bot comes to grief: all of it, in order, under unchanged ids."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from temporalio.testing import TimeSkipper

from adapters.bot import BotChat
from domain.messages import RequestedPicture
from domain.status import Status
from tests.bot import Bot, Heard, running_bot
from tests.integration.simulators_fixtures import BOT_SECRET
from tests.shop import FakeShop


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with running_bot() as bot:
        yield bot


@pytest.fixture
async def shop(temporal_env: TimeSkipper, bot: Bot) -> AsyncIterator[FakeShop]:
    async with httpx.AsyncClient() as client:
        shop = FakeShop(temporal_env)
        shop.chat = BotChat(bot.url, BOT_SECRET, client)  # type: ignore[assignment]
        async with shop.open():
            yield shop


async def previews(shop: FakeShop, bot: Bot, *answers: str) -> list[Heard]:
    """Pay for two pictures with a bot that answers so; return what it heard of the two previews and the hint."""
    pictures = [RequestedPicture(image_url=f"https://shop.example/{number}.jpg") for number in (1, 2)]
    order = await shop.order(*pictures)
    await order.until(lambda o: o.quote)
    bot.heard, bot.answers = [], list(answers)
    await order.signal("payment_received", payment_id="p1", amount="36.00")
    await order.reaches(Status.AWAITING_CONFIRM)
    assert bot.answers == []
    return bot.heard


async def test_a_bot_that_fails_in_the_middle_and_recovers_hears_all_in_order(shop: FakeShop, bot: Bot) -> None:
    first, *seconds, third = await previews(shop, bot, "200 OK", "lost", "503 Away")
    assert len(seconds) == 3
    assert seconds[0] == seconds[1] == seconds[2], "a retry is the same message under the same id"
    assert len({first.message_id, seconds[0].message_id, third.message_id}) == 3
    assert [heard.path for heard in (first, seconds[0], third)] == ["/messages", "/messages", "/hints"]
    assert first.said["content"] != seconds[0].said["content"]


async def test_only_a_message_whose_answer_was_lost_is_heard_again(shop: FakeShop, bot: Bot) -> None:
    heard = [heard.message_id for heard in await previews(shop, bot, "lost", "200 OK", "200 OK", "lost")]
    first, again, second, third, once_more = heard
    assert (again, once_more) == (first, third)
    assert len({first, second, third}) == 3


async def test_a_bot_that_sends_us_elsewhere_is_waited_for(shop: FakeShop, bot: Bot) -> None:
    elsewhere = "307 Elsewhere\r\nlocation: /other"
    heard = await previews(shop, bot, elsewhere, "401 Unauthorized")
    assert [said.path for said in heard] == ["/messages"] * 4 + ["/hints"]
    assert len({said.message_id for said in heard}) == 3


async def test_a_bot_that_takes_no_hints_says_the_fixed_text_under_the_same_id(
    shop: FakeShop, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.speaking.HINT_PATIENCE", timedelta(0))
    bot.answers = ["404 No Hints", "lost"]
    order = await shop.order()
    await order.until(lambda o: o.quote)
    hint, *texts = bot.heard[:3]
    assert [hint.path, *(text.path for text in texts)] == ["/hints", "/messages", "/hints"]
    assert {text.message_id for text in texts} == {hint.message_id}
    assert texts[0].said["content"] == hint.said["fallback_text"]
