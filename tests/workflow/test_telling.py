"""What a customer is told over the wire when the chat bot comes to grief: all of it, in order, under unchanged ids."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from temporalio.testing import TimeSkipper

from adapters.bot import BotChat
from domain.order.messages import RequestedPicture
from domain.vocabulary.status import Status
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


def ids(heard: list[Heard]) -> list[str]:
    """The ids as they came, each by the order in which it was first heard."""
    seen = list(dict.fromkeys(one.message_id for one in heard))
    return [f"m{seen.index(one.message_id) + 1}" for one in heard]


def paths(heard: list[Heard]) -> list[str]:
    """Where each message went, retries aside."""
    return list({one.message_id: one.path for one in heard}.values())


PREVIEWS = ["/messages"] * 4 + ["/hints"]  # each picture after its number


async def test_a_bot_that_fails_in_the_middle_and_recovers_hears_all_in_order(shop: FakeShop, bot: Bot) -> None:
    heard = await previews(shop, bot, "200 OK", "200 OK", "200 OK", "lost", "503 Away")
    assert paths(heard) == PREVIEWS
    assert ids(heard) == ["m1", "m2", "m3", "m4", "m3", "m3", "m4", "m5"]
    assert len({str(one.said) for one in heard}) == 5, "a retry is the same message under the same id"


async def test_only_a_message_whose_answer_was_lost_is_heard_again(shop: FakeShop, bot: Bot) -> None:
    heard = await previews(shop, bot, "200 OK", "lost", *["200 OK"] * 4, "lost")
    assert paths(heard) == PREVIEWS
    assert ids(heard) == ["m1", "m2", "m1", "m2", "m3", "m4", "m5", "m5"]


async def test_a_bot_that_sends_us_elsewhere_is_waited_for(shop: FakeShop, bot: Bot) -> None:
    elsewhere = "307 Elsewhere\r\nlocation: /other"
    heard = await previews(shop, bot, elsewhere, "401 Unauthorized")
    assert paths(heard) == PREVIEWS
    assert ids(heard) == ["m1", "m1", "m1", "m2", "m3", "m4", "m5"]


async def test_a_bot_that_takes_no_hints_says_the_fixed_text_under_the_same_id(
    shop: FakeShop, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.speaking.HINT_TIMEOUT", timedelta(0))
    bot.answers = ["404 No Hints", "lost"]
    order = await shop.order()
    await order.until(lambda o: o.quote)
    hint, *texts = bot.heard[:3]
    assert [hint.path, *(text.path for text in texts)] == ["/hints", "/messages", "/hints"]
    assert {text.message_id for text in texts} == {hint.message_id}
    assert texts[0].said["content"] == hint.said["fallback_text"]
