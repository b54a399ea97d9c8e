"""The tables of the photo library: pictures, their tags, and which bears which."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.db.columns import not_negative, one_of
from adapters.db.models.base import Base, new_id, now
from adapters.db.models.orders import ImageTaskRow

# The hash in four parts of 16 bits: of two that differ in at most 7 bits, one part differs in at most one.
PART_BITS = 16
PARTS = tuple(f"((hash >> {shift}) & 65535)" for shift in (48, 32, 16, 0))


class PhotoRow(Base):
    """One picture: an original, or a result that lay before its customer."""

    __tablename__ = "photo"
    __table_args__ = (
        one_of("kind", ("original", "result")),
        *not_negative("width", "height"),
        CheckConstraint("NOT shareable OR shown_key IS NOT NULL", name="shared_by_a_copy"),
        *(Index(f"ix_photo_hash_part_{number}", text(part)) for number, part in enumerate(PARTS, 1)),
        Index(None, "customer_id", "acc_id"),
        Index(None, "order_id"),
        Index(None, "task_id"),
        Index(None, "created_at"),
        Index("ix_photo_shareable", "created_at", postgresql_where=text("shareable")),
        {"comment": "The photo library: originals and results, found by similarity and by tags"},
    )

    id: Mapped[UUID] = new_id()
    key: Mapped[str] = mapped_column(unique=True, comment="Key of the file in object storage")
    kind: Mapped[str] = mapped_column(comment="original or result")
    task_id: Mapped[str] = mapped_column(ForeignKey(ImageTaskRow.task_id))
    order_id: Mapped[str]
    customer_id: Mapped[str]
    acc_id: Mapped[str] = mapped_column(comment="Shop account the customer talks to")
    owner: Mapped[str | None] = mapped_column(comment="User whose task history it belongs to")
    view_key: Mapped[str] = mapped_column(comment="Key of a picture of it, if the file is not one (PSD, SVG)")
    hash: Mapped[int | None] = mapped_column(
        BigInteger, comment="Perceptual hash (pHash), 64 bits; null if older than the library"
    )
    width: Mapped[int]
    height: Mapped[int]
    shareable: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Whether everybody may find it, as staff decided"
    )
    shown_key: Mapped[str | None] = mapped_column(comment="Key of the cleaned copy that everybody may see")
    created_at: Mapped[datetime] = now()


class TagRow(Base):
    """One tag."""

    __tablename__ = "tag"
    __table_args__ = ({"comment": "Words by which pictures are found: what they show, and what was done"},)

    id: Mapped[UUID] = new_id()
    name: Mapped[str] = mapped_column(unique=True)
    spelt: Mapped[str] = mapped_column(comment="The words separated for the search, each Chinese character being one")
    created_at: Mapped[datetime] = now()


class PhotoTagRow(Base):
    """A tag of a picture."""

    __tablename__ = "photo_tag"
    __table_args__ = (
        Index(None, "tag_id", "photo_id"),
        {"comment": "Tags of the pictures"},
    )

    photo_id: Mapped[UUID] = mapped_column(ForeignKey(PhotoRow.id, ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[UUID] = mapped_column(ForeignKey(TagRow.id, ondelete="CASCADE"), primary_key=True)
