"""The dashboard: orders and money by day, waits, operations, models, designers, with a link to the orders behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from adapters.db.board_figures import Period, Row
from gateway.staff_board.context import context
from gateway.staff_board.routes import show
from gateway.staff_board.session import SignedIn

SPANS = (7, 30, 90)  # days
HEIGHT, GAP = 100.0, 0.22  # of a chart in its own units, and the share of a bar's width

router = APIRouter(prefix="/staff", include_in_schema=False)


@dataclass(frozen=True)
class Bar:
    """A day of a chart: x, width and height in the chart's own units."""

    day: date
    value: Any
    x: float
    width: float
    height: float


@router.get("/dashboard")
async def dashboard(request: Request, session: SignedIn, days: str = "30") -> HTMLResponse:
    """Show the figures of the last 7, 30 or 90 days."""
    shop, zone, now = context(request), request.state.timezone, datetime.now(UTC)
    span = int(days) if days in {str(known) for known in SPANS} else 30
    today = now.astimezone(ZoneInfo(zone)).date()
    period = Period(today - timedelta(days=span - 1), today, zone, shop.rules.prices.currency)
    found = await shop.figures.of(period)
    charts = [(name, bars(found.days, name)) for name in ("orders", "revenue", "cost")]
    return await show(
        request, session, "dashboard.html", found=found, charts=charts, span=span, spans=SPANS, period=period,
        figures=await shop.board.figures(now),
    )  # fmt: skip


def bars(days: Sequence[Row], name: str) -> list[Bar]:
    """Return a bar for each day; the highest fills the chart, and a day with more refunds than payments has none."""
    most = max((row[name] for row in days), default=0)
    return [
        Bar(
            row["day"],
            row[name],
            round(index + GAP / 2, 2),
            1 - GAP,
            round(max(0.0, float(row[name] / most)) * HEIGHT, 2) if most > 0 else 0.0,
        )
        for index, row in enumerate(days)
    ]
