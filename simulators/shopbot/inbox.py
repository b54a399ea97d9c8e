"""The chat bot: accepts signed messages and hints, drops repeats, and shows each customer's conversation."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.common.ledger import Entry, Ledger
from simulators.common.pages import name_in_path, shop_time, show
from simulators.shopbot.conversation import Conversations

KINDS = {0: "text", 1: "image"}


class Message(BaseModel):
    """A text (0) or the URL of a picture (1) for the customer."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str
    acc_id: str
    acc_type: str = "AliWorkbench"
    content: str
    msg_type: int


class Hint(BaseModel):
    """A hint that the bot puts in its own words, and a fallback text."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str
    acc_id: str
    acc_type: str = "AliWorkbench"
    system_hint: str
    fallback_text: str


class Bot:
    """The bot's conversations. What was shown to whom is only in the ledger."""

    def __init__(self, ledger: Ledger, secret: str, talk: Conversations) -> None:
        self._ledger = ledger
        self._talk = talk  # the customers' side, if they use the chat page
        self._webhook = Webhook(secret)
        self._seen = {entry["message_id"] for entry in ledger.read()}

    @property
    def routes(self) -> list[Route]:
        """Return the routes: the API of the bot, its pages, and the ledger."""
        return [
            Route("/messages", self._take_message, methods=["POST"]),
            Route("/hints", self._take_hint, methods=["POST"]),
            Route("/", self._list_customers, name="customers"),
            Route("/conversations/{customer:path}", self._show_conversation),
            self._ledger.route,
        ]

    async def _take_message(self, request: Request) -> Response:
        return await self._take(request, Message)

    async def _take_hint(self, request: Request) -> Response:
        return await self._take(request, Hint)

    async def _take(self, request: Request, model: type[Message] | type[Hint]) -> Response:
        body = await request.body()
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:  # ValueError: garbage, or not UTF-8
            return JSONResponse({"error": f"signature refused: {error}"}, 401)
        try:
            said = model.model_validate_json(body)
        except ValidationError as error:
            return JSONResponse({"error": error.errors(include_url=False, include_context=False)}, 400)
        return JSONResponse({"ok": True, "repeat": self._note(request.headers["webhook-id"], said)})

    def _note(self, message_id: str, said: Message | Hint) -> bool:
        """Record a message and return whether it is a repeat."""
        repeat = message_id in self._seen
        self._seen.add(message_id)
        kind = KINDS.get(said.msg_type, "text") if isinstance(said, Message) else "hint"
        words = said.model_dump(exclude={"customer_id"})
        self._ledger.add(kind=kind, customer=said.customer_id, message_id=message_id, repeat=repeat, **words)
        return repeat

    async def _list_customers(self, request: Request) -> Response:
        latest = {entry["customer"]: entry for entry in self._ledger.read(repeat="False")}
        customers = sorted(latest.values(), key=lambda entry: int(entry["n"]), reverse=True)
        return show(request, "customers.html", {"customers": [_shown(entry) for entry in customers]})

    async def _show_conversation(self, request: Request) -> Response:
        customer = name_in_path(request, "customer")
        messages = [_shown(entry) for entry in self._ledger.read(customer=customer, repeat="False")]
        lines = [_placed(line, request) for line in self._talk.lines(customer, ())]
        data = {"customer": customer, "messages": messages, "lines": lines, "shop": messages[-1] if messages else None}
        return show(request, "conversation.html", data)


def _placed(line: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a line for the page; pictures of customers are served by the chat."""
    chat = request.url_for("chat-begin")
    pictures = [one | {"url": str(chat.replace(path=chat.path + one["url"]))} for one in line["pictures"]]
    return line | {"time": shop_time(line["at"]), "pictures": line["pictures"] if line["by"] == "shop" else pictures}


def _shown(entry: Entry) -> dict[str, Any]:
    """Return an entry for the pages: a hint is shown as its fallback text."""
    said = entry["fallback_text"] if entry["kind"] == "hint" else entry["content"]
    return entry | {"said": said, "time": shop_time(entry["at"])}
