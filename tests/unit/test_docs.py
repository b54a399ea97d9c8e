"""The documents name what there is."""

import re

import production
from config import ROOT, Settings
from domain.outcomes import Outcome
from domain.status import Status
from tests.integration.orders.outcomes import BROKEN_OFF, GEMINI, SEEDREAM

MODELS = (ROOT / "docs" / "models.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
RULES = (ROOT / "docs" / "rules.md").read_text()


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
