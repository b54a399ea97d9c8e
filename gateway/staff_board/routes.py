"""The pages of the board: what needs staff, all orders, and one order."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from adapters.db.board import BoardOrder
from domain.order.staff_acts import Action
from domain.vocabulary import ids
from domain.vocabulary.needs import NeedKind
from gateway import link_pages
from gateway.bodies import OrderId
from gateway.history_page.images import origin
from gateway.staff_board import filters, needs, orders, rendering
from gateway.staff_board.context import context
from gateway.staff_board.offers import DANGEROUS, OPTIONAL, offers
from gateway.staff_board.saved import counted
from gateway.staff_board.session import Session, SignedIn
from gateway.task_history.context import context as history_context
from starter.failures import NoSuchOrder

PAGE_SIZE = 50
BULK = (Action.RESUME, Action.RETRY, Action.TRANSFER, Action.RESEND)  # what may be done to several orders at once

router = APIRouter(prefix="/staff", include_in_schema=False)


@router.get("/")
async def queue(request: Request, session: SignedIn, done: str = "") -> HTMLResponse:
    """Show the orders that need staff, the most urgent first."""
    board, now = context(request).board, datetime.now(UTC)
    address = filters.read(request.query_params, ZoneInfo(request.state.timezone))
    cards = await needing(request, address, now)
    return await show(
        request, session, "queue.html", cards=cards, address=address, done=_known(done), kinds=list(NeedKind),
        bulk=BULK, figures=await board.figures(now), images=_images(request, [card.order for card in cards]),
    )  # fmt: skip


@router.get("/orders")
async def every_order(request: Request, session: SignedIn) -> HTMLResponse:
    """Show the orders that match the filters, newest first."""
    board, now = context(request).board, datetime.now(UTC)
    address = filters.read(request.query_params, ZoneInfo(request.state.timezone))
    rows = await board.orders(address.wanted, limit=PAGE_SIZE + 1, before=address.before)
    shown, last = rows[:PAGE_SIZE], rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    language, rules = link_pages.language_of(request), await context(request).rules_now()
    return await show(
        request,
        session,
        "orders.html",
        cards=[needs.Card(row, needs.shown(row, language, rules, now)) for row in shown],
        address=address,
        choices=filters.CHOICES,
        models=await board.models(),
        by_status=await board.by_status(),
        count=await board.count(address.wanted),
        following=last and filters.place_of(last["created_at"], last["order_id"]),
        figures=await board.figures(now),
        views=await counted(request, session),
        images=_images(request, shown),
    )


@router.get("/orders/{order_id}")
async def one_order(request: Request, session: SignedIn, order_id: OrderId, done: str = "") -> HTMLResponse:
    """Show an order. Raises NoSuchOrder."""
    return await order_page(request, session, order_id, done=_known(done))


async def order_page(request: Request, session: Session, order_id: str, status: int = 200, **said: Any) -> HTMLResponse:
    """Return the page of an order, after an action with what came of it. Raises NoSuchOrder."""
    now, language, shop = datetime.now(UTC), link_pages.language_of(request), context(request)
    found = await shop.board.order(order_id)
    if found is None:
        raise NoSuchOrder(f"no order with the id {order_id}")
    page = orders.page(found, history_context(request).links, language)
    card = needs.Card(found.order, await needs_of(request, found, now))
    kinds = [need.kind for need in card.needs]
    rows = [picture.row for picture in page.pictures]
    values = {"done": "", "refused": "", "seen_serial": None, "typed": {}} | said
    return await show(
        request, session, "order.html", status, page=page, card=card, offers=offers(found.order, rows, kinds),
        figures=await shop.board.figures(now), workflow_url=request.state.views.workflow_url(ids.workflow_id(order_id)),
        new_id=lambda: str(uuid4()), optional=OPTIONAL, dangerous=DANGEROUS, **values,
    )  # fmt: skip


async def show(request: Request, session: Session, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page of the board, whose images may come from storage."""
    storage = await origin(request)
    return rendering.render(request, template, status, storage, csrf=session.csrf, me=session.name, **values)


def _known(done: str) -> str:
    """Return the action that an address says was done; '' if it is none."""
    return done if done in set(Action) else ""


async def needing(request: Request, address: filters.Address, now: datetime) -> list[needs.Card]:
    """Return the orders that need staff, the most urgent first."""
    shop, language = context(request), link_pages.language_of(request)
    lateness = needs.late(await shop.board.with_designers(), shop.designer_rules, now)
    rows = await shop.board.needing(address.wanted, also=sorted(lateness))
    found = needs.cards(rows, lateness, language, await shop.rules_now(), now)
    wanted = address.wanted.need
    return [card for card in found if wanted in {None, *(str(need.kind) for need in card.needs)}]


async def needs_of(request: Request, found: BoardOrder, now: datetime) -> Sequence[needs.Shown]:
    """Return what an order needs of staff, in the reader's language."""
    shop, language = context(request), link_pages.language_of(request)
    opened = [row for row in found.dispatches if row["closed_at"] is None]
    lateness, rules = needs.late(opened, shop.designer_rules, now), await shop.rules_now()
    cards = needs.cards([found.order], lateness, language, rules, now)
    return cards[0].needs if cards else []


def _images(request: Request, rows: Sequence[Mapping[str, Any]]) -> dict[str, orders.Image | None]:
    links = history_context(request).links
    return {
        row["order_id"]: orders.image(row["first_image"], links, row["first_image"] and ids.web_of(row["first_image"]))
        for row in rows
    }
