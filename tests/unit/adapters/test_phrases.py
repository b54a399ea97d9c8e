"""The catalogue of texts: whole, used, and in the shop's language."""

import re
import tomllib
from pathlib import Path

import pytest

from adapters.phrases import LONGEST, Phrasebook
from domain.story.hearing import REFUSAL_HINTS
from domain.texts.catalogue import TEXTS
from domain.texts.phrase import said, written
from domain.vocabulary.errors import ModelError, OutsideUnavailable
from domain.vocabulary.outcomes import Outcome
from runtime.paths import ROOT
from tests.unit.domain.making import quoted_order

CATALOGUE = tomllib.loads((ROOT / "phrases.toml").read_text())
CODE = "\n".join(
    path.read_text() for folder in ("domain", "activities", "workflows") for path in (ROOT / folder).rglob("*.py")
)


PARTS = (  # of messages, and what is no message
    "dispatch_", "mail_subject", "mail_greeting", "mail_attached", "mail_linked", "mail_closing",
    "preview_number", "named_link", "link_to_order",
)  # fmt: skip


def test_every_phrase_that_the_code_says_is_in_the_catalogue_and_no_other() -> None:
    said = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', CODE)) | {f"{phrase}_hint" for phrase in REFUSAL_HINTS}
    assert set(CATALOGUE) - said == set()
    spoken = re.findall(r'(?:\.say|\.link|_links|tell_staff)\(\s*(?:order, now, )?"(\w+)"|phrase="(\w+)"', CODE)
    assert {one or other for one, other in spoken} - set(CATALOGUE) == set()
    assert REFUSAL_HINTS | {f"{phrase}_hint" for phrase in REFUSAL_HINTS} <= set(CATALOGUE)


def test_every_message_has_a_name_in_the_journal() -> None:
    """Add a line to [message] of domain/texts/zh.toml and en.toml."""
    parts = (
        "dispatch_",
        "words",
        "mail_subject",
        "mail_greeting",
        "mail_attached",
        "mail_linked",
        "mail_closing",
        "letter_",
        *PARTS,
    )
    messages = {key.replace("_hint", "") for key in CATALOGUE if not key.startswith(parts)}
    named = {key.removeprefix("message.") for key in TEXTS["zh"].texts if key.startswith("message.")}
    assert named == messages | {"image"}


def test_a_message_to_staff_is_a_bold_title_and_a_field_a_line() -> None:
    for key, text in CATALOGUE.items():
        if key.startswith("staff_"):
            title, *fields = text.strip().splitlines()
            assert re.fullmatch(r"\*\*[^*]+\*\*", title), key
            assert fields, key


def test_a_reason_is_said_in_the_shops_words_and_shortened() -> None:
    book = Phrasebook(ROOT / "phrases.toml")
    assert book.said(said("reason.free_rounds_used", wish="再亮点")) == "免费修改次数已用完:再亮点"
    assert len(book.said(written("长" * 1000))) == LONGEST


def test_a_shop_may_say_a_reason_in_its_own_words(tmp_path: Path) -> None:
    file = tmp_path / "phrases.toml"
    file.write_text('why = "因为{reason}"\n[reason]\nswitched_off = "师傅今天休息"')
    assert Phrasebook(file).text("why", reason=said("reason.switched_off")) == "因为师傅今天休息"


def test_a_price_is_told_with_its_lines_in_the_shops_words() -> None:
    lines = quoted_order(pictures=2).outbox[0]
    text = Phrasebook(ROOT / "phrases.toml").text(lines.phrase, **lines.values)
    assert "合计30.00-40.00元,付30.00元" in text
    assert "第1张 难度一般(变清晰): 15.00-20.00元; 第2张 难度一般(变清晰): 15.00-20.00元" in text


@pytest.mark.parametrize("outcome", Outcome)
def test_what_a_provider_said_is_quoted_to_staff_and_to_nobody_else(outcome: Outcome) -> None:
    told = ModelError("for the log", outcome, detail="quota exceeded").told
    facts = {"order": "O", "customer": "c", "shop": "s", "task": "T", "provider": "gemini", "reason": told}
    for detail in (True, False):
        text = Phrasebook(ROOT / "phrases.toml", detail=detail).text("staff_generation_failed", **facts)
        assert text.startswith("**Gemini作图失败**")
        assert ("quota exceeded" in text) <= detail


def test_a_phrase_that_is_missing_or_broken_is_staffs_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "phrases.toml"
    file.write_text('greeting = "您好{name}"')
    with pytest.raises(OutsideUnavailable, match="nothing"):
        Phrasebook(file).text("nothing")
    with pytest.raises(OutsideUnavailable, match="name"):
        Phrasebook(file).text("greeting")
