"""The documents name what there is."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import activities
from activities import failures, tallies
from domain.vocabulary import errors
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.status import Status
from runtime import production
from runtime.paths import ROOT
from runtime.settings import Settings
from tests.integration.orders.outcomes import BROKEN_OFF, GEMINI, SEEDREAM
from workflows import options

MODELS = (ROOT / "docs" / "models.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
RULES = (ROOT / "docs" / "rules.md").read_text()
RECIPES = (ROOT / "docs" / "recipes.md").read_text()
BY_HAND = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/decisions/*.md")]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def test_the_rules_name_settings_that_there_are() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=\w+)?`", RULES))
    assert {"EXPIRY_HOURS", "SHOP_OPENS_AT"} <= named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_rules_tell_of_every_status() -> None:
    for status in Status:
        assert f"`{status}`" in RULES
        assert status.label in RULES


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())]
    assert len(links) > 10
    assert not [(page.name, link) for page, link in links if not (page.parent / link).exists()]


def test_links_to_headings_lead_to_one() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^):]*#[^)]+)\)", page.read_text())]
    assert len(links) > 10
    for page, link in links:
        file, _, anchor = link.partition("#")
        told = ((page.parent / file) if file else page).read_text()
        assert anchor in {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", told, re.MULTILINE)}, (
            page.name,
            link,
        )


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", BY_HAND, ids=[page.name for page in BY_HAND])
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", page.read_text())
    ours = [name for name in named if name.partition("/")[0] in FOLDERS]
    assert not [name for name in ours if not (ROOT / name).exists() and "NAME" not in name and "NNNN" not in name]


def test_the_tests_that_the_recipes_name_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", RECIPES))
    written = {
        name for path in ROOT.glob("tests/**/test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert len(named) > 15
    assert named <= written


def test_every_page_is_named_in_the_readme() -> None:
    pages = {f"docs/{page.name}" for page in ROOT.glob("docs/*.md")} | {page.name for page in ROOT.glob("*.md")}
    assert pages - {"README.md"} <= set(re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text()))


def test_every_outcome_of_a_model_has_its_row_and_a_test_behind_it() -> None:
    told = re.findall(r"^\| `(\w+)` \|", MODELS.partition("## What a call can come to")[2], re.MULTILINE)
    assert sorted(told) == sorted(Outcome)
    played = {end for case in [*GEMINI, *SEEDREAM] for end in [*case.calls, *(end for _, end in case.attempts)]}
    assert played | BROKEN_OFF == set(Outcome)


def test_the_page_on_models_names_settings_that_there_are() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", MODELS))
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_page_on_operations_names_settings_that_there_are_and_all_that_production_refuses() -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[\w,.]+)?`", OPERATIONS))
    assert named - {"DARKROOM_DATA", "SECRETS_DIR"} <= {name.upper() for name in Settings.model_fields}
    assert {name.upper() for name in (*production.SECRETS, *production.OUTSIDE, *production.OF_THE_STACK)} <= named


ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ARCHITECTURE.partition("| activity | policy |")[2].partition("\n\n")[0].splitlines()[2:]
]
NAMED = re.compile(r"`(\w+)`")


def test_every_activity_has_a_row_that_says_how_it_is_tried_and_what_then() -> None:
    there = {
        definition.name
        for module in pkgutil.iter_modules(activities.__path__)
        for kind in vars(importlib.import_module(f"activities.{module.name}")).values()
        if isinstance(kind, type)
        for method in vars(kind).values()
        if (definition := getattr(method, "__temporal_activity_definition", None))
    }
    told = [name for row in ROWS for name in NAMED.findall(row[0])]
    assert sorted(told) == sorted(there)
    assert all(row[3] for row in ROWS)


def test_every_policy_of_an_activity_has_a_row_and_is_used() -> None:
    policies = {name for name, value in vars(options).items() if isinstance(value, dict) and name.isupper()}
    assert {name for row in ROWS for name in NAMED.findall(row[1])} == policies
    code = "".join(path.read_text() for path in ROOT.glob("workflows/*.py"))
    assert not [name for name in policies if f"options.{name}" not in code]


def test_what_is_permanent_for_an_activity_is_so_in_the_code() -> None:
    named = {name for row in ROWS for name in NAMED.findall(row[2])}
    kinds = {name: getattr(errors, name) for name in named}
    assert not [
        name for name, kind in kinds.items() if not (kind.permanent or kind.tries) and kind is not errors.NotYet
    ]
    assert not errors.OutsideUnavailable.permanent
    assert not errors.OutsideRefused.permanent


def test_the_numbers_of_tries_are_those_of_the_code() -> None:
    told = {name: int(number) for number, name in re.findall(r"(\d+) times(?: in a row)? \(`(\w+)`\)", ARCHITECTURE)}
    assert told == {"ALONE": failures.ALONE, "BUGS": tallies.BUGS, "SILENT": tallies.SILENT}
