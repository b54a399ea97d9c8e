"""The bot behind the chat page, against a gateway that a test scripts: each line reaches the shop once."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.common.ledger import Ledger
from simulators.shopbot.bot import (
    ASKED,
    FOUND,
    GREETING,
    MINE,
    NOT_FOUND,
    NOTHING_OF_THE_KIND,
    OVER,
    UNDERSTOOD,
    WHICH,
    WHICH_CHANGE,
    ShopBot,
)
from simulators.shopbot.conversation import Conversations
from simulators.shopbot.gateway import Gateway, NotTaken
from tests.integration.gateway.serving import served

KEY = "dk_the-key"
SECRET = "whsec_dGhlIHBheW1lbnRzJyBzZWNyZXQ="
LINE = "line-0001"


class FakeGateway:
    """What was asked of it, and how often it is to fail."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.faults: deque[tuple[str, int]] = deque()  # the next requests to such a path, and their status
        self.status = "pending"
        self.pictures = 1
        self.orders: list[str] = []
        self.problem: dict[str, str] = {}
        self.found: deque[dict[str, Any]] = deque()
        self.answer: dict[str, Any] = {"reply": None, "is_sent": False}

    @property
    def app(self) -> Starlette:
        posts: dict[str, Callable[[Any], dict[str, Any]]] = {
            "/api/uploads": self.upload,
            "/api/orders": self.start,
            "/api/orders/{order}/events/{name}": self.event,
            "/api/dispatches": self.ask_designers,
            "/api/pictures/find": self.find,
            "/api/orders/{order}/updates/send_message": self.say,
            "/api/orders/{order}/updates/request_cancel": self.say,
            "/api/webhooks/payments": self.pay,
        }
        routes = [Route(path, self._guarded(react), methods=["POST"]) for path, react in posts.items()]
        gets: dict[str, Callable[[Any], dict[str, Any]]] = {
            "/api/orders/{order}": self.order,
            "/api/customers/{customer}/orders": self.listed,
            "/api/pictures/find/{find}": self.find,
        }
        return Starlette(routes=[*routes, *(Route(path, self._guarded(react)) for path, react in gets.items())])

    def heard(self, path: str) -> list[Any]:
        return [body for asked, body in self.asked if asked.endswith(path)]

    def _guarded(self, react: Callable[[Any], dict[str, Any]]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            path = request.url.path
            if path.endswith("payments"):
                body: Any = Webhook(SECRET).verify(await request.body(), dict(request.headers))
            elif request.headers["authorization"] != f"Bearer {KEY}":
                return JSONResponse({"detail": "no key"}, 401)
            elif path.endswith("uploads"):
                async with request.form() as form:
                    body = await form["file"].read()
            elif request.method == "POST":
                body = await request.json() | {"key": request.headers.get("idempotency-key")}
            else:
                body = None
            self.asked.append((path, body))
            if self.faults and path.endswith(self.faults[0][0]):
                return JSONResponse({"detail": "out of order"} | self.problem, self.faults.popleft()[1])
            return JSONResponse(react(body))

        return answer

    def upload(self, picture: bytes) -> dict[str, Any]:
        return {"image_key": f"uploads/{len(self.heard('uploads'))}.jpg"}

    def start(self, order: dict[str, Any]) -> dict[str, Any]:
        return {"order_id": f"ORDER-{order['key']}"}

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        return {"outcome": "heard"}

    def find(self, search: dict[str, Any]) -> dict[str, Any]:
        return self.found.popleft()

    def ask_designers(self, question: dict[str, Any]) -> dict[str, Any]:
        return {"transfer_id": "TRANSFER-1"}

    def say(self, words: dict[str, Any]) -> dict[str, Any]:
        return self.answer

    def pay(self, payment: dict[str, Any]) -> dict[str, Any]:
        return {"outcome": "heard"}

    def order(self, _: None) -> dict[str, Any]:
        numbers = range(1, self.pictures + 1)
        links = [{"preview_url": f"http://shop/p{number}", "original_url": None} for number in numbers]
        pictures = [
            {"number": number, "task_id": f"TASK-{number}", "status": self.status} | link
            for number, link in zip(numbers, links, strict=True)
        ]
        return {"status": self.status, "pictures": pictures}

    def listed(self, _: None) -> dict[str, Any]:
        return {"orders": [{"order_id": order} for order in self.orders]}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    monkeypatch.setattr("simulators.shopbot.gateway.PAUSES", (0.01, 0.01))
    return FakeGateway()


@pytest.fixture
def url(shop: FakeGateway) -> Iterator[str]:
    with served(shop.app) as url:
        yield url


@asynccontextmanager
async def running_bot(url: str, folder: Path) -> AsyncIterator[ShopBot]:
    gateway = Gateway(url, KEY, SECRET)
    with closing(Ledger(folder / "own.jsonl")) as own, closing(Ledger(folder / "told.jsonl")) as told:
        yield ShopBot(Conversations(own, told), folder / "pictures", gateway)
    await gateway.close()


@pytest.fixture
async def bot(url: str, tmp_path: Path) -> AsyncIterator[ShopBot]:
    async with running_bot(url, tmp_path) as bot:
        yield bot


def shown(bot: ShopBot) -> list[tuple[str, str, str]]:
    return [(line["by"], line["text"], line.get("state", "")) for line in bot._talk.lines("li", bot.under_way)]


async def test_before_any_picture_the_bot_asks_for_one_by_itself(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "在吗", [])
    assert shown(bot) == [("me", "在吗", "arrived"), ("shop", GREETING, "")]
    assert shop.asked == []


async def test_pictures_begin_one_order_however_often_the_line_is_sent(bot: ShopBot, shop: FakeGateway) -> None:
    for _ in range(2):
        await bot.hear("li", LINE, "变清晰一点", [b"one", b"two"])
    assert shop.heard("uploads") == [b"one", b"two"]
    (order,) = shop.heard("orders")
    assert order["pictures"] == [{"image_key": f"uploads/{number}.jpg", "note": "变清晰一点"} for number in (1, 2)]
    assert shop.heard("image_received") == []
    assert shown(bot) == [("me", "变清晰一点", "arrived")]


async def test_a_line_that_did_not_arrive_is_brought_again_under_the_same_ids(bot: ShopBot, shop: FakeGateway) -> None:
    shop.faults.append(("orders", 500))
    with pytest.raises(NotTaken, match="网关回答 500"):
        await bot.hear("li", LINE, "", [b"one"])
    assert shown(bot) == [("me", "", "failed")]
    await bot.bring("li", LINE)
    assert shown(bot) == [("me", "", "arrived")]
    first, second = shop.heard("orders")
    assert first == second
    assert len(shop.heard("uploads")) == 1, "another key would be another picture"


async def test_what_passes_is_tried_again_at_once(bot: ShopBot, shop: FakeGateway) -> None:
    shop.faults.extend([("uploads", 503), ("uploads", 429)])
    await bot.hear("li", LINE, "", [b"one"])
    assert len(shop.heard("uploads")) == 3
    assert len(shop.heard("orders")) == 1


async def test_a_line_that_never_arrived_can_be_brought_after_a_restart(
    url: str, shop: FakeGateway, tmp_path: Path
) -> None:
    shop.faults.append(("uploads", 500))
    async with running_bot(url, tmp_path) as bot:
        with pytest.raises(NotTaken):
            await bot.hear("li", LINE, "", [b"one"])
    async with running_bot(url, tmp_path) as bot:
        assert shown(bot) == [("me", "", "failed")]
        await bot.bring("li", LINE)
        assert shown(bot) == [("me", "", "arrived")]
    assert shop.heard("uploads") == [b"one", b"one"]


async def test_a_line_that_nobody_said_cannot_be_brought(bot: ShopBot) -> None:
    with pytest.raises(LookupError):
        await bot.bring("li", LINE)


async def test_another_picture_before_payment_joins_the_order_with_its_words(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    await bot.hear("li", "line-0002", "抠图", [b"two", b"three"])
    assert [(event["event_id"], event["note"]) for event in shop.heard("image_received")] == [
        ("line-0002-1", "抠图"),
        ("line-0002-2", "抠图"),
    ]
    assert len(shop.heard("orders")) == 1


async def test_a_picture_that_shows_what_is_to_change_comes_before_the_words(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.status, shop.answer = "awaiting_confirm", {"reply": "好的,重新给你做", "is_sent": False}
    await bot.hear("li", "line-0002", "颜色不对,要像这张", [b"two"])
    (event,), (words,) = shop.heard("image_received"), shop.heard("send_message")
    assert "note" not in event
    assert (words["event_id"], words["text"]) == ("line-0002", "颜色不对,要像这张")
    assert shown(bot)[-1] == ("shop", "好的,重新给你做", "")


@pytest.mark.parametrize("end", ["completed", "cancelled", "declined", "expired"])
async def test_a_picture_after_the_end_begins_another_order(bot: ShopBot, shop: FakeGateway, end: str) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.status = end
    await bot.hear("li", "line-0002", "", [b"one"])
    assert [order["key"] for order in shop.heard("orders")] == [LINE, "line-0002"]
    assert bot._talk.order_of("li") == "ORDER-line-0002"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"reply": "好的,重新给你做", "is_sent": False}, ["好的,重新给你做"]),
        ({"reply": None, "is_sent": False}, [UNDERSTOOD]),
        ({"reply": None, "is_sent": True}, []),
        ({"reply": None, "reason": {"phrase": "which_picture", "text": "第几张呀?"}, "is_sent": False}, ["第几张呀?"]),
    ],
)
async def test_words_are_answered_by_the_shop_or_by_the_bot(
    bot: ShopBot, shop: FakeGateway, answer: dict[str, Any], said: list[str]
) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.answer = answer
    await bot.hear("li", "line-0002", "嗯", [])
    assert [text for by, text, _ in shown(bot) if by == "shop"] == said


async def test_a_wish_about_a_preview_of_which_the_shop_does_nothing_begins_a_round(
    bot: ShopBot, shop: FakeGateway
) -> None:
    await bot.hear("li", LINE, "", [b"one", b"two"])
    shop.pictures, shop.status = 2, "awaiting_confirm"
    shop.answer = {"reply": None, "is_sent": False, "act": "nothing"}
    await bot.hear("li", "line-0002", "颜色再暖一点", [])
    assert shown(bot)[-1] == ("shop", WHICH_CHANGE, "")
    assert shop.heard("revision_requested") == []
    await bot.hear("li", "line-0003", "第2张颜色再暖一点", [])
    (event,) = shop.heard("revision_requested")
    assert (event["task_id"], event["note"]) == ("TASK-2", "第2张颜色再暖一点")
    shop.answer = {"reply": "好的,重新给你做", "is_sent": False, "act": "round"}
    await bot.hear("li", "line-0004", "第1张不好,再暖一点", [])
    assert len(shop.heard("revision_requested")) == 1, "the shop has begun the round itself"


async def test_while_no_worker_answers_words_are_left_with_the_order(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.faults.extend([("send_message", 503)] * 3)
    await bot.hear("li", "line-0002", "嗯", [])
    (left,) = shop.heard("customer_message")
    assert (left["event_id"], left["text"]) == ("line-0002", "嗯")
    assert shown(bot)[-1] == ("me", "嗯", "arrived"), "the order's own reply comes as a message"


async def test_a_payment_is_signed_as_the_platform_does_and_keeps_its_id(bot: ShopBot, shop: FakeGateway) -> None:
    shop.faults.append(("payments", 500))
    with pytest.raises(NotTaken):
        await bot.pay("li", LINE, "ORDER-1", "18.00")
    await bot.bring("li", LINE)
    first, second = shop.heard("payments")
    assert first["data"]["payment_id"] == second["data"]["payment_id"]
    assert (second["type"], second["data"]["order_id"], second["data"]["amount"]) == (
        "payment.received",
        "ORDER-1",
        "18.00",
    )
    assert shown(bot) == [("me", "付款 ¥18.00", "arrived")]


async def test_whoever_asks_whether_it_can_be_done_is_passed_on_to_designers(bot: ShopBot, shop: FakeGateway) -> None:
    shop.faults.append(("dispatches", 500))
    with pytest.raises(NotTaken):
        await bot.hear("li", LINE, "这个能做吗", [b"one"])
    await bot.bring("li", LINE)
    first, second = shop.heard("dispatches")
    assert first == second
    assert (second["reason"], second["image_key"], second["key"]) == ("这个能做吗", "uploads/1.jpg", LINE)
    assert shop.heard("orders") == []
    assert shown(bot)[-1] == ("shop", ASKED, "")


async def test_while_an_order_is_open_the_same_question_is_words_to_it(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    await bot.hear("li", "line-0002", "头发能修吗", [])
    assert shop.heard("dispatches") == []
    assert [words["text"] for words in shop.heard("send_message")] == ["头发能修吗"]


async def test_whoever_wants_a_designer_gets_one_for_the_picture_they_mean(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one", b"two"])
    shop.pictures = 2
    await bot.hear("li", "line-0002", "转人工设计师做", [])
    assert shown(bot)[-1] == ("shop", WHICH, "")
    assert shop.heard("transfer_requested") == []
    await bot.hear("li", "line-0003", "第二张转人工吧", [])
    (event,) = shop.heard("transfer_requested")
    assert (event["event_id"], event["task_id"]) == ("line-0003", "TASK-2")
    assert "第二张转人工吧" in event["reason"]


async def test_once_an_order_is_over_no_designer_is_asked_for_it(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.status = "cancelled"
    await bot.hear("li", "line-0002", "转人工", [])
    assert shop.heard("transfer_requested") == []
    assert shown(bot)[-1] == ("shop", OVER, "")


async def test_a_search_that_does_not_end_is_marked_as_not_delivered(bot: ShopBot, shop: FakeGateway) -> None:
    shop.found.extend([found(is_done=False)] * 20)
    with pytest.raises(NotTaken, match="还没找完"):
        await bot.hear("li", LINE, "帮我找图:橘猫", [])


def found(*links: str, **facts: Any) -> dict[str, Any]:
    return {"find_id": "FIND-1", "is_done": True, "matches": [{"link": link} for link in links], "refused": ""} | facts


async def test_whoever_looks_for_a_picture_is_shown_what_the_library_has(bot: ShopBot, shop: FakeGateway) -> None:
    shop.found.extend([found(is_done=False), found(is_done=False), found("http://shop/d/1.jpg", "http://shop/d/2.jpg")])
    await bot.hear("li", LINE, "找找有没有这样的图", [b"one"])
    (search,) = shop.heard("pictures/find")
    assert (search["image_key"], search["words"], search["key"]) == ("uploads/1.jpg", "找找有没有这样的图", LINE)
    (reply,) = [line for line in bot._talk.lines("li", bot.under_way) if line["by"] == "shop"]
    assert (reply["text"], [one["url"] for one in reply["pictures"]]) == (
        FOUND,
        ["http://shop/d/1.jpg", "http://shop/d/2.jpg"],
    )


@pytest.mark.parametrize(("come_to", "said"), [(found(), NOT_FOUND), (found(refused="这不是图片"), "这不是图片")])
async def test_whoever_looks_for_a_picture_in_vain_hears_so(
    bot: ShopBot, shop: FakeGateway, come_to: dict[str, Any], said: str
) -> None:
    shop.found.append(come_to)
    await bot.hear("li", LINE, "找找有没有这样的图", [b"one"])
    assert shown(bot)[-1] == ("shop", said, "")
    assert shop.heard("pictures/find")[0]["transfer_if_none"]


async def test_words_alone_that_find_nothing_bother_no_designer(bot: ShopBot, shop: FakeGateway) -> None:
    shop.found.append(found())
    await bot.hear("li", LINE, "帮我找图:橘猫", [])
    assert shown(bot)[-1] == ("shop", NOTHING_OF_THE_KIND, "")
    assert not shop.heard("pictures/find")[0]["transfer_if_none"]


@pytest.mark.parametrize(("orders", "said", "links"), [(["O-2", "O-1"], MINE, 6), ([], NOTHING_OF_THE_KIND, 0)])
async def test_whoever_looks_for_their_own_pictures_is_shown_those(
    bot: ShopBot, shop: FakeGateway, orders: list[str], said: str, links: int
) -> None:
    shop.orders, shop.pictures = orders, 4
    await bot.hear("li", LINE, "找找我的图", [])
    (reply,) = [line for line in bot._talk.lines("li", bot.under_way) if line["by"] == "shop"]
    assert (reply["text"], len(reply["pictures"])) == (said, links)
    assert shop.heard("pictures/find") == []


async def test_the_letter_once_more_is_asked_of_the_order(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.status = "completed"
    await bot.hear("li", "line-0002", "再发一遍邮件", [])
    (event,) = shop.heard("resend_requested")
    assert (event["event_id"], event["requested_by"]) == ("line-0002", "customer")
    assert shop.heard("send_message") == []


async def test_the_button_cancels_and_says_what_the_order_answers(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "", [b"one"])
    shop.answer = {"reply": "好的,已经帮您取消这单了", "is_sent": False}
    await bot.hear("li", "line-0002", "取消这一单", [], is_cancel=True)
    (asked,) = shop.heard("request_cancel")
    assert (asked["event_id"], asked["requested_by"]) == ("line-0002", "customer")
    assert shown(bot)[-1] == ("shop", "好的,已经帮您取消这单了", "")


async def test_whoever_asks_for_a_person_before_any_order_is_passed_on(bot: ShopBot, shop: FakeGateway) -> None:
    await bot.hear("li", LINE, "转人工", [])
    assert [asked["reason"] for asked in shop.heard("dispatches")] == ["转人工"]


@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (413, True), (422, True), (500, False), (503, False), (429, False)]
)
async def test_what_is_refused_for_good_says_so_in_the_customers_language(
    bot: ShopBot, shop: FakeGateway, status: int, is_final: bool
) -> None:
    shop.faults.extend([("uploads", status)] * 3)
    shop.problem = {"words": "这个文件是GIF 动图,我们收 JPEG"} if status == 422 else {}
    with pytest.raises(NotTaken) as refused:
        await bot.hear("li", LINE, "", [b"one"])
    assert refused.value.is_final is is_final
    (line,) = bot._talk.lines("li", bot.under_way)
    assert (line["state"], line["is_final"]) == ("failed", is_final)
    assert "out of order" not in line["error"]
    assert status != 422 or line["error"] == "这个文件是GIF 动图,我们收 JPEG"


async def test_the_number_before_a_picture_stands_with_it(tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / "own.jsonl")) as own, closing(Ledger(tmp_path / "told.jsonl")) as told:
        facts = {"customer": "li", "repeat": False}
        told.add(kind="text", message_id="M1-number", content="第1张:", **facts)
        told.add(kind="image", message_id="M1", content="http://shop/1.jpg", **facts)
        told.add(kind="text", message_id="M2", content="第2张:没有图", **facts)
        picture, words = Conversations(own, told).lines("li", ())
    assert (picture["caption"], picture["pictures"][0]["url"]) == ("第1张", "http://shop/1.jpg")
    assert (words["caption"], words["text"]) == (None, "第2张:没有图")
