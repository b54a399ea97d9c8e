"""The photo library: originals and results by their perceptual hash, with tags."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PARTS = ("((hash >> 48) & 65535)", "((hash >> 32) & 65535)", "((hash >> 16) & 65535)", "((hash >> 0) & 65535)")


def upgrade() -> None:
    """Make the tables of the library. Orders that are saved from now on enter it."""
    op.create_table(
        "photo",
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("uuidv7()")),
        sa.Column("key", sa.Text(), nullable=False, comment="Of the file in object storage"),
        sa.Column("kind", sa.Text(), nullable=False, comment="original, or result"),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("acc_id", sa.Text(), nullable=False, comment="Shop account the customer talks to"),
        sa.Column("owner", sa.Text(), nullable=True, comment="User whose task history it belongs to"),
        sa.Column("view_key", sa.Text(), nullable=False, comment="Of a picture of it, where the file is none (PSD, SVG)"),
        sa.Column("hash", sa.BigInteger(), nullable=True, comment="Perceptual hash (pHash), 64 bits; null of what was stored before the library was"),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("shareable", sa.Boolean(), nullable=False, server_default=sa.text("false"), comment="Everybody may find it: staff said so"),
        sa.Column("shown_key", sa.Text(), nullable=True, comment="Of the cleaned copy that everybody is shown"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.CheckConstraint("kind IN ('original', 'result')", name=op.f("ck_photo_kind")),
        sa.CheckConstraint("width >= 0", name=op.f("ck_photo_width_not_negative")),
        sa.CheckConstraint("height >= 0", name=op.f("ck_photo_height_not_negative")),
        sa.CheckConstraint("NOT shareable OR shown_key IS NOT NULL", name=op.f("ck_photo_shared_by_a_copy")),
        sa.ForeignKeyConstraint(["task_id"], ["image_tasks.task_id"], name="fk_photo_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.UniqueConstraint("key", name="uq_photo_key"),
        comment="The photo library: originals and results, found by what they look like and by their tags",
    )
    for number, part in enumerate(PARTS, 1):
        op.create_index(f"ix_photo_hash_part_{number}", "photo", [sa.text(part)])
    op.create_index("ix_photo_customer_id_acc_id", "photo", ["customer_id", "acc_id"])
    for column in ("order_id", "task_id", "created_at"):
        op.create_index(f"ix_photo_{column}", "photo", [column])
    op.create_index("ix_photo_shareable", "photo", ["created_at"], postgresql_where=sa.text("shareable"))
    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False, server_default=sa.text("uuidv7()")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("spelt", sa.Text(), nullable=False, comment="Word by word, each Chinese character one, to be looked for in"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("name", name="uq_tag_name"),
        comment="Words that pictures are found by: what is to be seen, and what was done",
    )
    op.create_table(
        "photo_tag",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_photo_tag_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name="fk_photo_tag_tag_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", "tag_id", name="pk_photo_tag"),
        comment="Which picture bears which tag",
    )
    op.create_index("ix_photo_tag_tag_id_photo_id", "photo_tag", ["tag_id", "photo_id"])


def downgrade() -> None:
    """Take it back; which pictures were shared is lost, their copies stay in storage."""
    op.drop_table("photo_tag")
    op.drop_table("tag")
    op.drop_table("photo")
