"""The tables of the staff board: who looks at an order, saved views, and changes of the settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base, new_id, now


class OrderViewerRow(Base):
    """A staff member who has an order open."""

    __tablename__ = "order_viewers"
    __table_args__ = ({"comment": "Who has an order open on the staff board; rows go when the page is closed"},)

    order_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(comment="What others see of the staff member")
    seen_at: Mapped[datetime] = mapped_column(comment="When the page last said so")


class SavedViewRow(Base):
    """A filter of orders under a name."""

    __tablename__ = "saved_views"
    __table_args__ = ({"comment": "Filters of the staff board under a name"},)

    id: Mapped[UUID] = new_id()
    user_id: Mapped[UUID] = mapped_column(index=True, comment="The staff member who saved it")
    name: Mapped[str]
    query: Mapped[str] = mapped_column(comment="Query string of its address")
    is_shared: Mapped[bool] = mapped_column(server_default=text("false"), comment="All staff see it")
    created_at: Mapped[datetime] = now()


class ShopSettingsRow(Base):
    """One version of the settings that staff changed while the shop ran."""

    __tablename__ = "shop_settings"
    __table_args__ = ({"comment": "Versions of what staff changed of the settings; the newest applies"},)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    changes: Mapped[dict[str, Any]] = mapped_column(comment="Differences from the environment's settings")
    changed_by: Mapped[str]
    reason: Mapped[str]
    changed_at: Mapped[datetime] = now()
