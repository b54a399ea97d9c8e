"""Every call to a model on the ledger: looks as well as pictures, with outcome and cost; several results of a call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ORDER_COSTS = """
CREATE VIEW order_costs AS
SELECT o.order_id, o.customer_id, o.acc_id, o.status, o.currency,
       c.calls, c.model_cost, c.possibly_billed, o.amount_paid, o.amount_refunded,
       o.amount_paid - o.amount_refunded - c.model_cost AS margin
  FROM orders o
 CROSS JOIN LATERAL (
       SELECT count(*) AS calls, coalesce(sum(booked_cost), 0) AS model_cost,
              coalesce(sum(expected_cost) FILTER (
                  WHERE booked_cost IS NULL AND (possibly_billed OR status <> 'failed')), 0) AS possibly_billed
         FROM image_generation_task WHERE image_generation_task.order_id = o.order_id) c
"""


def upgrade() -> None:
    """Widen the table of calls. It stands on its own now: a first look is made before the order's first row."""
    table = "image_generation_task"
    op.drop_constraint("fk_image_generation_task_image_task_id", table, type_="foreignkey")
    op.add_column(
        table,
        sa.Column(
            "order_id", sa.Text(), server_default=sa.text("''"), nullable=False, comment="Order of that picture"
        ),
    )
    op.add_column(
        table,
        sa.Column(
            "kind",
            sa.Text(),
            server_default=sa.text("'image'"),
            nullable=False,
            comment="image, or a look at one: analysis, score",
        ),
    )
    op.add_column(
        table,
        sa.Column(
            "outcome",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="What it came to; docs/models.md tells each",
        ),
    )
    op.add_column(
        table,
        sa.Column(
            "booked_cost",
            sa.Numeric(),
            nullable=True,
            comment="In the shop's currency, by the exchange rate of the moment; null when unknown",
        ),
    )
    op.add_column(
        table,
        sa.Column(
            "expected_cost",
            sa.Numeric(),
            server_default=sa.text("0"),
            nullable=False,
            comment="In the shop's currency, counted where it may be billed and the cost is unknown",
        ),
    )
    op.add_column(
        table,
        sa.Column(
            "is_told",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Staff were told of it, and so not of the same of others for a while",
        ),
    )
    op.execute(
        "UPDATE image_generation_task SET outcome = CASE status WHEN 'completed' THEN 'made' "
        "WHEN 'interrupted' THEN 'interrupted' ELSE '' END, "
        "order_id = regexp_replace(image_task_id, '^TASK_(.*)_[0-9]+$', 'ORDER_\\1')"
    )
    op.create_check_constraint(op.f("ck_image_generation_task_kind"), table, "kind IN ('image', 'analysis', 'score')")
    for column in ("booked_cost", "expected_cost"):
        name = op.f(f"ck_image_generation_task_{column}_not_negative")
        op.create_check_constraint(name, table, f"{column} >= 0")
    op.create_index("ix_image_generation_task_order_id", table, ["order_id"])
    op.create_table_comment(
        table, "Calls to models, one row each, with what they cost", existing_comment=None, schema=None
    )
    op.drop_constraint("uq_generation_result_task_id", "generation_result", type_="unique")
    op.create_unique_constraint(
        "uq_generation_result_task_id_generated_image_id", "generation_result", ["task_id", "generated_image_id"]
    )
    op.execute(ORDER_COSTS)


def downgrade() -> None:
    """Take it back; looks, and all but one result of a call, are lost."""
    table = "image_generation_task"
    op.execute("DROP VIEW order_costs")
    op.drop_constraint("uq_generation_result_task_id_generated_image_id", "generation_result", type_="unique")
    op.execute(
        "DELETE FROM generation_result r USING generation_result kept WHERE r.task_id = kept.task_id AND r.id > kept.id"
    )
    op.create_unique_constraint("uq_generation_result_task_id", "generation_result", ["task_id"])
    looks = f"SELECT task_id FROM {table} WHERE kind <> 'image'"
    op.execute(f"DELETE FROM generation_parameter WHERE task_id IN ({looks})")
    op.execute(f"DELETE FROM {table} WHERE kind <> 'image'")
    op.drop_index("ix_image_generation_task_order_id", table)
    for column in ("is_told", "expected_cost", "booked_cost", "outcome", "kind", "order_id"):
        op.drop_column(table, column)
    op.create_table_comment(table, "Calls to image models, one row each, with what they cost", existing_comment=None)
    op.create_foreign_key(
        "fk_image_generation_task_image_task_id", table, "image_tasks", ["image_task_id"], ["task_id"]
    )
