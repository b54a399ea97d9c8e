"""docs/schema.md, and the picture of the tables that it shows."""

import re

from adapters.db.models import Base
from adapters.db.schema_page import MODULES, page, picture, tables_of
from runtime.paths import ROOT

TABLES = Base.metadata.tables


def test_the_page_is_what_the_models_say() -> None:
    assert (ROOT / "docs" / "schema.md").read_text() == page(), "run `make schema`"


def test_every_table_stands_in_the_picture_and_on_the_page() -> None:
    shown = [table.name for module in MODULES.values() for table in tables_of(module)]
    assert sorted(shown) == sorted(TABLES)
    assert re.findall(r"^    (\w+) \{$", picture(), re.MULTILINE) == shown
    assert re.findall(r"^### `(\w+)`$", page(), re.MULTILINE) == shown


def test_every_foreign_key_is_a_whole_line_of_the_picture() -> None:
    drawn = set(re.findall(r"(\w+) \|\|--o\{ (\w+) : (\w+)", picture()))
    keys = {
        (key.column.table.name, table.name, key.parent.name) for table in TABLES.values() for key in table.foreign_keys
    }
    assert drawn == keys


def test_a_name_without_a_foreign_key_is_a_dotted_line() -> None:
    assert "image_tasks |o..o{ image_generation_task : image_task_id" in picture()
    assert "orders |o..o{ order_events : order_id" in picture()


def test_every_column_has_its_row_and_every_table_a_comment() -> None:
    for table in TABLES.values():
        assert table.comment, f"{table.name} says nothing of itself"
        told = page().partition(f"### `{table.name}`\n")[2].partition("\n###")[0].partition("\n## ")[0]
        assert re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE) == list(table.columns.keys())


def test_what_a_mark_of_markdown_would_break_is_escaped() -> None:
    rows = [re.sub(r"\\\|", "", line) for line in page().splitlines() if line.startswith("| `")]
    assert {row.count("|") for row in rows} == {5}
