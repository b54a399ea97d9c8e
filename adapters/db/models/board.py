"""The table of who looks at an order on the staff board."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.models.base import Base


class OrderViewerRow(Base):
    """A staff member who has an order open."""

    __tablename__ = "order_viewers"
    __table_args__ = ({"comment": "Who has an order open on the staff board; rows go when the page is closed"},)

    order_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(comment="What others see of the staff member")
    seen_at: Mapped[datetime] = mapped_column(comment="When the page last said so")
