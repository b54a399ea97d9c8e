"""Generates docs/schema.md from the models: `make schema`."""

from types import ModuleType

from sqlalchemy import CheckConstraint, Column, Table
from sqlalchemy.dialects import postgresql

from adapters.db.models import (
    Base,
    board,
    calls,
    customers,
    designers,
    gateway,
    library,
    orders,
    quarantine,
    task_history,
)

MODULES = {  # in the order of the page
    "Orders": orders,
    "Customers": customers,
    "Calls to models": calls,
    "Designers": designers,
    "Photo library": library,
    "Task history": task_history,
    "Gateway": gateway,
    "Staff board": board,
    "What was refused": quarantine,
}
# A table without a foreign key belongs to the first of these that is one of its non-null columns.
NAMES = {"image_task_id": "image_tasks", "task_id": "image_tasks", "order_id": "orders", "customer_id": "customers"}
SHORT = {"TIMESTAMP WITH TIME ZONE": "timestamptz"}

PAGE = """\
# The tables

The tables of the shop: a diagram, and the meaning of each column. This page is generated from `adapters/db/models/` by
`make schema`. On a running stack, `make psql` and then `\\d+ image_tasks` shows the same.

Rows are a projection of the workflows' state ([architecture.md](architecture.md)). You may read them with your own SQL,
but manual changes may be overwritten by the order's next snapshot. The task history is the exception: its rows belong
to users, row-level security shows each user only their own, and triggers keep its statistics and credits
([decision 16](decisions/0016-rows-of-their-own.md)).

## Diagram

A solid line is a foreign key. A dotted line is a reference by name only: the row may exist before or after what it
names. Boxes show only keys; all columns follow below.

{picture}

Besides these there are the view `order_costs` (model costs and margin of an order), created by
`adapters/db/migrations/versions/r0004_every_call_to_a_model.py`, the triggers, functions and policies of the task
history (`adapters/db/migrations/r0010/`), and Alembic's own `alembic_version`.

{groups}
"""


def page() -> str:
    """Return the whole page as Markdown."""
    groups = [_group(title, module) for title, module in MODULES.items()]
    return PAGE.format(picture=picture(), groups="\n\n".join(groups))


def picture() -> str:
    """Return a Mermaid diagram of the tables with their keys."""
    tables = [table for module in MODULES.values() for table in tables_of(module)]
    lines = [f"    {line}" for part in (_relations, _box) for table in tables for line in part(table)]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


def tables_of(module: ModuleType) -> list[Table]:
    """Return the tables of a module's models, in order."""
    rows = [model for model in vars(module).values() if getattr(model, "__module__", "") == module.__name__]
    return [Base.metadata.tables[row.__tablename__] for row in rows if hasattr(row, "__tablename__")]


def _relations(table: Table) -> list[str]:
    keys = [(key.column.table.name, column.name) for column in table.columns for key in column.foreign_keys]
    if keys:
        return [f"{other} ||--o{{ {table.name} : {column}" for other, column in keys]
    column = _parent_column(table)
    return [f"{NAMES[column]} |o..o{{ {table.name} : {column}"] if column else []


def _parent_column(table: Table) -> str | None:
    """The column that names the parent of a row; a unique column names the row itself."""
    columns = [table.columns[name] for name in NAMES if name in table.columns]
    return next((one.name for one in columns if not (one.nullable or one.unique or one.primary_key)), None)


def _box(table: Table) -> list[str]:
    shown = [column for column in table.columns if _keys(column) or column.name == _parent_column(table)]
    rows = [f"    {_type(column)} {column.name} {_keys(column)}".rstrip() for column in shown]
    return [f"{table.name} {{", *rows, "}"]


def _keys(column: Column[object]) -> str:
    kinds = {"PK": column.primary_key, "FK": bool(column.foreign_keys), "UK": bool(column.unique)}
    return ", ".join(kind for kind, holds in kinds.items() if holds)


def _group(title: str, module: ModuleType) -> str:
    tables = "\n\n".join(map(_table, tables_of(module)))
    return f"## {title}\n\n{module.__doc__} (`{module.__name__.replace('.', '/')}.py`)\n\n{tables}"


def _table(table: Table) -> str:
    words = _words(table)
    rows = [_row(column, words.get(column.name, "")) for column in table.columns]
    head = ["| column | type | key | description |", "|---|---|---|---|"]
    return "\n".join([f"### `{table.name}`", "", f"{table.comment}.", "", *head, *rows])


def _row(column: Column[object], words: str) -> str:
    told = "; ".join(part for part in (_escaped(column.comment or ""), words) if part)
    may_be_null = ", null" if column.nullable else ""
    cells = [f"`{column.name}`", f"{_type(column)}{may_be_null}", _keys(column), told]
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _words(table: Table) -> dict[str, str]:
    """Return the values that a table's check constraints allow per column."""
    found = {}
    for check in table.constraints:
        if isinstance(check, CheckConstraint):
            name, is_list, listed = str(check.sqltext).partition(" IN ")
            if is_list:
                words = [word.strip("' ") for word in listed.strip("()").split(",")]
                found[name] = "one of " + ", ".join(f"`{word}`" if word else "empty text" for word in words)
    return found


def _type(column: Column[object]) -> str:
    name = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return SHORT.get(name, name.lower())


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    print(page(), end="")
