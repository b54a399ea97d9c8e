"""The texts of the page: the same in both languages, and all that its templates and scripts say exists."""

import re
from pathlib import Path

import pytest

from gateway.history_page import rendering
from gateway.history_page.failures import SAID

FOLDER = Path(rendering.__file__).parent
NAMED = re.compile(r"""say\(\s*"([\w.]+)"[,)]""")
# Keys that are put together from a prefix and a name.
BUILT = ("status.", "type.", "weekday.", "month.", "failure.", "filter.", "export.")
VALUES = re.compile(r"\{(\w+)(?::(\w+))?\}")


def said_in(folder: str) -> set[str]:
    return {key for path in (FOLDER / folder).iterdir() for key in NAMED.findall(path.read_text(encoding="utf-8"))}


def test_both_languages_say_the_same_with_the_same_values() -> None:
    chinese, english = (rendering.TEXTS[language].texts for language in ("zh", "en"))
    assert chinese.keys() == english.keys()
    for key, text in chinese.items():
        assert {name for name, _ in VALUES.findall(english[key])} <= {name for name, _ in VALUES.findall(text)}, key


@pytest.mark.parametrize("folder", ["templates", "static"])
def test_everything_that_is_said_has_a_text(folder: str) -> None:
    said = said_in(folder)
    assert len(said) > 20
    assert said <= rendering.TEXTS["zh"].texts.keys()


def test_every_text_is_said_somewhere() -> None:
    sources = [*FOLDER.glob("templates/*"), *FOLDER.glob("static/*.js"), *FOLDER.glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    said = {key for key in rendering.TEXTS["zh"].texts if re.search(rf"""["']{re.escape(key)}["']""", text)}
    unsaid = {key for key in rendering.TEXTS["zh"].texts if key not in said and not key.startswith(BUILT)}
    assert unsaid == set()


def test_scripts_are_given_every_text_that_they_say() -> None:
    assert {key for key in said_in("static") if not key.startswith(rendering.TOLD_BY_SCRIPTS)} == set()


def test_every_failure_has_a_text() -> None:
    assert {f"failure.{status}" for status in SAID | {500}} <= rendering.TEXTS["zh"].texts.keys()


def test_no_template_has_what_the_policy_forbids() -> None:
    """Inline styles, handlers and scripts, and what htmx evaluates: hx-on, js: values, trigger filters."""
    for path in (FOLDER / "templates").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\s(style|on\w+|hx-on[\w:-]*)=", text), path.name
        assert not re.search(r"js:|javascript:", text), path.name
        assert not re.search(r"hx-trigger=\"[^\"]*\[", text), path.name
        assert re.findall(r"<script(?![^>]*(src=|application/json))", text) == [], path.name
