"""The first order: its rows, its audit trail, and the books of the calls to image models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("acc_id", sa.Text(), nullable=False, comment="Shop account the customer talks to"),
        sa.Column("acc_type", sa.Text(), nullable=False, comment="Shop platform, such as AliWorkbench"),
        sa.Column("owner", sa.Text(), nullable=True, comment="User whose task history the order belongs to"),
        sa.Column("status", sa.Text(), nullable=False, comment="That of the picture which has the longest way to go"),
        sa.Column("quote", JSONB(), nullable=True, comment="Last quote, whole, with the factors behind it"),
        sa.Column("amount_due", sa.Numeric(), nullable=True, comment="Upper end of the last quote; null until quoted"),
        sa.Column("amount_paid", sa.Numeric(), nullable=False, comment="Sum of the payments"),
        sa.Column(
            "amount_refunded", sa.Numeric(), server_default=sa.text("0"), nullable=False, comment="Sum of the refunds"
        ),
        sa.Column("currency", sa.Text(), nullable=True, comment="Currency of the amounts; null until quoted or paid"),
        sa.Column("high_value", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_status", sa.Text(), nullable=False, comment="sent or refused; empty before the first letter"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="Of the snapshot; a lower one never overwrites a higher one",
        ),
        sa.CheckConstraint("email_status IN ('', 'sent', 'refused')", name=op.f("ck_orders_email_status")),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'processing', 'awaiting_confirm', 'revision', 'with_designer', 'completed', 'failed', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint("amount_due >= 0", name=op.f("ck_orders_amount_due_not_negative")),
        sa.CheckConstraint("amount_paid >= 0", name=op.f("ck_orders_amount_paid_not_negative")),
        sa.CheckConstraint("amount_refunded >= 0", name=op.f("ck_orders_amount_refunded_not_negative")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_orders_version_not_negative")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_orders")),
        comment="Orders: a projection of what their workflows decided, never older than what stands here",
    )
    op.create_index(op.f("ix_orders_customer_id_created_at"), "orders", ["customer_id", "created_at"])
    op.create_index(op.f("ix_orders_status_created_at"), "orders", ["status", "created_at"])
    op.create_table(
        "image_tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("original_image", sa.Text(), nullable=True, comment="Key in object storage; null until it is stored"),
        sa.Column("operation", sa.Text(), nullable=True, comment="What is to be done; null until it is known"),
        sa.Column("requirements", JSONB(), nullable=False, comment="Structured wishes, as a list"),
        sa.Column("customer_notes", sa.Text(), nullable=False, comment="The customer's free words"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, comment="When anything last happened to the order"
        ),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_image", sa.Text(), nullable=True, comment="Key of the current result in object storage"),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("retry_count", sa.Integer(), nullable=False, comment="Attempts beyond the first of each round"),
        sa.Column("revision_count", sa.Integer(), nullable=False, comment="Rounds the customer asked for"),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("acc_id", sa.Text(), nullable=False),
        sa.Column("acc_type", sa.Text(), nullable=False),
        sa.Column("qa_score", sa.Integer(), nullable=True, comment="Of the current result, 0 to 100"),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="Of the snapshot; a lower one never overwrites a higher one",
        ),
        sa.CheckConstraint(
            "operation IN ('enhance', 'edit', 'remove_bg', 'layered', 'remove_bg_and_layer', 'vectorize', 'resize', 'fix_old_photo')",
            name=op.f("ck_image_tasks_operation"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'processing', 'awaiting_confirm', 'revision', 'with_designer', 'completed', 'failed', 'declined', 'cancelled', 'expired')",
            name=op.f("ck_image_tasks_status"),
        ),
        sa.CheckConstraint("retry_count >= 0", name=op.f("ck_image_tasks_retry_count_not_negative")),
        sa.CheckConstraint("revision_count >= 0", name=op.f("ck_image_tasks_revision_count_not_negative")),
        sa.CheckConstraint("version >= 0", name=op.f("ck_image_tasks_version_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_image_tasks_order_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_image_tasks")),
        comment="Pictures of the orders, one task each",
    )
    op.create_index(op.f("ix_image_tasks_customer_id_created_at"), "image_tasks", ["customer_id", "created_at"])
    op.create_index(op.f("ix_image_tasks_order_id"), "image_tasks", ["order_id"])
    op.create_index(op.f("ix_image_tasks_status_created_at"), "image_tasks", ["status", "created_at"])
    op.create_table(
        "order_events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column(
            "serial", sa.Integer(), nullable=False, comment="Order of the lines; several may happen at the same instant"
        ),
        sa.Column("task_id", sa.Text(), nullable=True, comment="As it was said; it need not be a task of ours"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="customer, staff, bot or darkroom"),
        sa.Column("facts", JSONB(), nullable=False, comment="Model, prompt hash, score, message ids, consent..."),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_order_events")),
        comment="Audit trail: what happened when, by whom; rows are added, never changed",
    )
    op.create_index(op.f("ix_order_events_order_id_serial"), "order_events", ["order_id", "serial"])
    op.create_index(op.f("ix_order_events_task_id"), "order_events", ["task_id"])
    op.create_table(
        "payments",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="payment or refund"),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flagged", sa.Text(), nullable=False, comment="Why staff should look at it; empty when all is well"),
        sa.CheckConstraint("kind IN ('payment', 'refund')", name=op.f("ck_payments_kind")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payments_amount_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.order_id"], name=op.f("fk_payments_order_id")),
        sa.PrimaryKeyConstraint("order_id", "payment_id", name=op.f("pk_payments")),
        comment="Payments and refunds; rows are added, never changed",
    )
    op.create_index(op.f("ix_payments_paid_at"), "payments", ["paid_at"])
    op.create_table(
        "image_generation_task",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False, comment="Id of this call, not of the picture's task"),
        sa.Column("image_task_id", sa.Text(), nullable=False, comment="Picture it was made for"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="Attempt of the picture, counted over all rounds"),
        sa.Column(
            "provider", sa.Text(), nullable=False, comment="gemini, seedream, or local for the packaged networks"
        ),
        sa.Column(
            "input_image_url", sa.Text(), nullable=True, comment="Address the provider fetched from, where it did"
        ),
        sa.Column("input_image_id", sa.Text(), nullable=False, comment="Key of the picture that was sent"),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column(
            "watermark",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Provider's own mark was asked for",
        ),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="processing, completed, failed, or interrupted when its worker died",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("api_response", JSONB(), nullable=True, comment="What was answered, without picture bytes"),
        sa.Column("tokens", JSONB(), nullable=True, comment='By modality: {"input": {...}, "output": {...}}'),
        sa.Column("cost", sa.Numeric(), nullable=True, comment="By our price table; null when unknown"),
        sa.Column("cost_currency", sa.Text(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("provider_request_id", sa.Text(), nullable=True),
        sa.Column("finish_reason", sa.Text(), nullable=True),
        sa.Column(
            "possibly_billed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="No answer was kept, yet the provider may charge for it",
        ),
        sa.CheckConstraint(
            "status IN ('processing', 'completed', 'failed', 'interrupted')",
            name=op.f("ck_image_generation_task_status"),
        ),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_image_generation_task_attempt_not_negative")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_image_generation_task_cost_not_negative")),
        sa.CheckConstraint("latency_ms >= 0", name=op.f("ck_image_generation_task_latency_ms_not_negative")),
        sa.ForeignKeyConstraint(
            ["image_task_id"], ["image_tasks.task_id"], name=op.f("fk_image_generation_task_image_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image_generation_task")),
        sa.UniqueConstraint("task_id", name=op.f("uq_image_generation_task_task_id")),
        comment="Calls to image models, one row each, with what they cost",
    )
    op.create_index(op.f("ix_image_generation_task_created_at"), "image_generation_task", ["created_at"])
    op.create_index(
        op.f("ix_image_generation_task_image_task_id_attempt"), "image_generation_task", ["image_task_id", "attempt"]
    )
    op.create_table(
        "task_requirement_changes",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("change_type", sa.Text(), nullable=False),
        sa.Column(
            "refused",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="It was asked for and not done",
        ),
        sa.Column("old_value", sa.Text(), nullable=False),
        sa.Column("new_value", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "change_type IN ('add_note', 'modify_operation', 'add_requirement')",
            name=op.f("ck_task_requirement_changes_change_type"),
        ),
        sa.CheckConstraint("changed_by IN ('customer', 'staff')", name=op.f("ck_task_requirement_changes_changed_by")),
        sa.ForeignKeyConstraint(["task_id"], ["image_tasks.task_id"], name=op.f("fk_task_requirement_changes_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_requirement_changes")),
        comment="History of changes to what is wanted of a picture",
    )
    op.create_index(
        op.f("ix_task_requirement_changes_task_id_changed_at"), "task_requirement_changes", ["task_id", "changed_at"]
    )
    op.create_table(
        "generation_parameter",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False, comment="Id of the call"),
        sa.Column("parameter_name", sa.Text(), nullable=False),
        sa.Column("parameter_value", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["image_generation_task.task_id"], name=op.f("fk_generation_parameter_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation_parameter")),
        sa.UniqueConstraint("task_id", "parameter_name", name=op.f("uq_generation_parameter_task_id_parameter_name")),
        comment="Parameters the calls were made with",
    )
    op.create_table(
        "generation_result",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False, comment="Id of the call"),
        sa.Column("generated_image_id", sa.Text(), nullable=False, comment="Key of the file in object storage"),
        sa.Column(
            "generated_image_url", sa.Text(), nullable=True, comment="Lasting public address, where there is one"
        ),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False, comment="In bytes"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("qa_score", sa.Integer(), nullable=True, comment="0 is useless, 100 flawless"),
        sa.Column("qa_facts", JSONB(), nullable=True, comment="What the quality check measured"),
        sa.CheckConstraint("file_size >= 0", name=op.f("ck_generation_result_file_size_not_negative")),
        sa.ForeignKeyConstraint(
            ["task_id"], ["image_generation_task.task_id"], name=op.f("fk_generation_result_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation_result")),
        sa.UniqueConstraint("task_id", name=op.f("uq_generation_result_task_id")),
        comment="Files made of what image models answered",
    )


def downgrade() -> None:
    """Drop the tables, with everything in them."""
    for table in (
        "generation_parameter",
        "generation_result",
        "image_generation_task",
        "task_requirement_changes",
        "order_events",
        "payments",
        "image_tasks",
        "orders",
    ):
        op.drop_table(table)
