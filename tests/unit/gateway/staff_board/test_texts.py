"""The texts of the board: the same in both languages, and all that its templates and scripts say exists."""

import re
from pathlib import Path

import pytest

from domain.order.staff_acts import Action
from domain.vocabulary.rule_changes import COMPLEXITIES
from gateway.staff_board import rendering
from gateway.staff_board.bulk import FAILED
from gateway.staff_board.failures import SAID
from gateway.staff_board.offers import FIELDS
from gateway.staff_board.settings import NUMBERS

FOLDER = Path(rendering.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").iterdir())
NAMED = re.compile(r"""say\(\s*"([\w.]+)"[,)]""")
VALUES = re.compile(r"\{(\w+)\}")
DASHBOARD = (FOLDER / "templates" / "dashboard.html").read_text(encoding="utf-8")
CHINESE = rendering.OWN["zh"].texts
# Keys that templates put together from a prefix and a name.
# The heads of the dashboard's tables.
HEADS = set(re.findall(r'"(\w+)"', " ".join(re.findall(r"call table\([^,]+, \(([^)]*)\)", DASHBOARD))))
BUILT: dict[str, set[str]] = {
    "effect.": {str(action) for action in Action},
    "field.": {field for fields in FIELDS.values() for field in fields} | {"task_id", "reason"},
    "failure.": {f"{code}{rest}" for code in SAID | {500} for rest in ("", "_advice")} | {"again"},
    "keys.": {f"{key}{rest}" for key in ("j", "k", "enter", "x", "e", "next", "n", "help") for rest in ("", "_key")}
    | {"title", "close"},
    "bulk.": {"planned", "senseless", "several_pictures", "finished", *FAILED.values()},
    "setting.": {*NUMBERS, *(f"kind.{kind}" for kind in COMPLEXITIES)},
    "kind.": {"payment", "refund"},
    "figure.": {"orders", "revenue", "cost", *HEADS},
    "filter.": {"words", "words_hint", "status", "operation", "need", "model", "acc_id", "start", "end", "any", "apply",
                "clear", "misread"},
}  # fmt: skip


def test_both_languages_say_the_same_with_the_same_values() -> None:
    english = rendering.OWN["en"].texts
    assert CHINESE.keys() == english.keys()
    for key, text in CHINESE.items():
        assert set(VALUES.findall(english[key])) == set(VALUES.findall(text)), key


def test_everything_that_is_said_has_a_text_and_every_text_is_said() -> None:
    sources = [*TEMPLATES, FOLDER / "rendering.py", FOLDER / "actions.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    said = {*NAMED.findall(text), *re.findall(r'texts?\.text\("(\w+)"|own\.text\("(\w+)"', text)[0]} - {""}
    scripts = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "static").glob("*.js"))
    said |= {f"script.{key}" for key in re.findall(r'say\("(\w+)"', scripts)}
    built = {f"{prefix}{name}" for prefix, names in BUILT.items() for name in names}
    assert said <= CHINESE.keys()
    assert built <= CHINESE.keys()
    quoted = {key for key in CHINESE if re.search(rf"""["']{re.escape(key)}["']""", text)}
    assert CHINESE.keys() - said - built - quoted == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.name))
def test_no_template_has_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\s(style|on\w+|hx-on[\w:-]*)=", text)
    assert not re.search(r"js:|javascript:", text)
    assert re.findall(r"<script(?![^>]*(src=|application/json))", text) == []
