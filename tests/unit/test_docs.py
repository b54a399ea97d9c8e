"""The documents name what there is."""

import re

from config import ROOT, Settings
from domain.status import Status

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
