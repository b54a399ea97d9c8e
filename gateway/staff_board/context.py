"""What the board needs: its tables, the shop's hours, and the key of its CSRF tokens."""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.db.board import Board
from adapters.db.board_figures import BoardFigures
from adapters.db.saved_views import SavedViews
from adapters.db.shop_settings import SettingsVersions
from adapters.db.time_limit import with_time_limit
from adapters.db.viewers import Viewers
from domain.vocabulary.rules import DesignerRules, ShopRules
from runtime import wiring
from runtime.settings import Settings


@dataclass(frozen=True)
class BoardContext:
    """The parts of the gateway that serve staff."""

    board: Board
    viewers: Viewers
    views: SavedViews
    figures: BoardFigures
    settings: SettingsVersions
    rules: ShopRules  # as the shop was started
    is_switched_on: bool
    designer_rules: DesignerRules
    secret: str
    host: str

    async def rules_now(self) -> ShopRules:
        """Return the rules with what staff have changed since the shop was started."""
        current = await self.settings.current()
        return current.changes.fitted(self.rules) if current else self.rules


def context(request: Request) -> BoardContext:
    """Return the context of a request."""
    return cast("BoardContext", request.state.board)


def build(settings: Settings, engine: AsyncEngine) -> BoardContext:
    """Return the context for a gateway."""
    return BoardContext(
        board=with_time_limit(Board(engine)),
        viewers=with_time_limit(Viewers(engine)),
        views=with_time_limit(SavedViews(engine)),
        figures=with_time_limit(BoardFigures(engine)),
        settings=with_time_limit(SettingsVersions(engine)),
        rules=wiring.rules(settings, Decimal(0)),
        is_switched_on=settings.image_module_enabled,
        designer_rules=wiring.designer_rules(settings),
        secret=settings.link_secret.get_secret_value(),
        host=urlsplit(settings.gateway_url).netloc,
    )
