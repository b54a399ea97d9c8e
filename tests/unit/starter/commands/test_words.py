"""How the shop reads words, in a terminal and for programs."""

import json

import pytest
from typer.testing import CliRunner, Result

import cli


def words(*typed: str, lines: str | bytes = "") -> Result:
    return CliRunner().invoke(cli.app, ["words", *typed], input=lines)


def test_a_text_is_shown_with_its_clauses_and_what_follows() -> None:
    shown = words("可以,发 wang@example.com", "--state", "awaiting_confirm", "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == {
        "text": "可以,发 wang@example.com",
        "state": "awaiting_confirm",
        "act": "mail",
        "address": "wang@example.com",
        "clauses": [{"text": "可以", "class": "content"}, {"text": "发 wang@example.com", "class": "address"}],
    }


def test_for_people_it_is_a_table() -> None:
    assert words("转人工 xyz", "--state", "pending").stdout.split() == ["act", "tell_staff", "转人工", "xyz", "person"]


@pytest.mark.parametrize(
    ("state", "pictures", "act"),
    [
        ("pending", 1, "note"),
        ("processing", 1, "note"),
        ("awaiting_confirm", 1, "nothing"),
        ("revision", 1, "round"),
        ("revision", 2, "ask_what"),
        ("completed", 1, "nothing"),
        ("cancelled", 1, "nothing"),
    ],
)
def test_the_same_words_mean_something_else_in_another_state(state: str, pictures: int, act: str) -> None:
    shown = words("背景换成白色", "--state", state, "--pictures", str(pictures), "--json")
    assert json.loads(shown.stdout)["act"] == act


def test_each_line_of_the_input_has_one_result() -> None:
    lines = "可以\n不行 脸太黄了\r\n\n转人工\u2028啊\nwang@qq.con\n"
    shown = words("-", "--state", "awaiting_confirm", "--json", lines=lines)
    assert [json.loads(line)["act"] for line in shown.stdout.splitlines()[:3]] == ["accept", "round", "nothing"]
    assert shown.stdout.count("\n") == lines.count("\n")
    assert words("-", "--state", "awaiting_confirm", lines="可以\n").stdout == "accept\t可以\n"


def test_what_is_no_utf_8_is_read_all_the_same() -> None:
    assert words("-", "--state", "pending", lines=b"\xff\xfe\n").exit_code == 0


@pytest.mark.parametrize(
    "typed", [("可以",), ("可以", "--state", "nonsense"), ("可以", "--state", "paid", "--pictures", "0")]
)
def test_wrong_usage_is_said(typed: tuple[str, ...]) -> None:
    assert words(*typed).exit_code == 2
