"""The glossary: its words are those of the code, and stand where it says."""

import re
from functools import cache

import pytest

from domain.vocabulary.pictures import Operation
from domain.vocabulary.status import AWAITING_REFUND, Status
from runtime.paths import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line.startswith("| ")]
WORDS = [row for row in ROWS if row[0] != "中文"]


def section(title: str) -> list[list[str]]:
    lines = PAGE.partition(f"## {title}")[2].partition("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][1:]


@cache
def source(path: str) -> str:
    return (ROOT / path).read_text()


def test_statuses_and_their_labels_are_those_of_the_code() -> None:
    assert [(row[1], row[0]) for row in section("Statuses")] == [(f"`{status}`", status.label) for status in Status]
    assert [row[2] for row in section("Statuses")] == [
        f"`domain/vocabulary/status.py` `{status.name}`" for status in Status
    ]
    assert AWAITING_REFUND in PAGE


def test_operations_are_those_of_the_code_and_are_named_as_on_the_chat_page() -> None:
    told = dict(re.findall(r'(\w+): "([^"]+)"', re.findall(r"OPERATIONS = \{(.*?)\}", source(CHAT))[0]))
    assert {row[1].strip("`"): row[0] for row in section("Operations")} == told
    assert [row[1].strip("`") for row in section("Operations")] == list(Operation)
    assert [row[2] for row in section("Operations")] == [
        f"`domain/vocabulary/pictures.py` `{one.name}`" for one in Operation
    ]


CHAT = "simulators/static/chat/order.js"


@pytest.mark.parametrize("row", WORDS, ids=[row[1] for row in WORDS])
def test_a_word_stands_where_the_glossary_says(row: list[str]) -> None:
    assert len(row) == 4
    path, *names = re.findall(r"`([^`]+)`", row[2])
    assert names
    assert not [name for name in names if not re.search(rf"\b{name}\b", source(path))]


def test_no_word_is_told_twice() -> None:
    chinese = [row[0] for row in WORDS]
    assert sorted(chinese) == sorted(set(chinese))
