"""The catalogue of texts: whole, used, and in the shop's language."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from adapters.phrases import Phrasebook
from config import ROOT
from domain import outcomes, quoting
from domain.errors import OutsideUnavailable
from domain.hearing import REFUSAL_HINTS
from domain.outcomes import Outcome
from tests.unit.domain.making import money, quoted_order

CATALOGUE = tomllib.loads((ROOT / "phrases.toml").read_text())
CODE = "\n".join(
    path.read_text() for folder in ("domain", "activities", "workflows") for path in (ROOT / folder).rglob("*.py")
)


def test_every_phrase_that_the_code_says_is_in_the_catalogue_and_no_other() -> None:
    said = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', CODE)) | {f"{phrase}_hint" for phrase in REFUSAL_HINTS}
    assert set(CATALOGUE) - {"words"} - said == set()
    spoken = re.findall(r'(?:\.say|\.link|_links|tell_staff)\(\s*(?:order, now, )?"(\w+)"|phrase="(\w+)"', CODE)
    assert {one or other for one, other in spoken} - set(CATALOGUE) == set()
    assert REFUSAL_HINTS | {f"{phrase}_hint" for phrase in REFUSAL_HINTS} <= set(CATALOGUE)


def test_a_message_to_staff_is_a_bold_title_and_a_field_a_line() -> None:
    for key, text in CATALOGUE.items():
        if key.startswith("staff_"):
            title, *fields = text.strip().splitlines()
            assert re.fullmatch(r"\*\*[^*]+\*\*", title), key
            assert fields, key


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("staff to look at the payment: below the quote of 15-20 CNY", "店里核对付款:低于报价15-20 CNY"),
        ("simple picture (enhance): 10-15", "这张比较简单(enhance): 10-15"),
        ("hard picture (edit): 25-30; requirements: 白底, 2K", "难度很高(edit): 25-30; 要求: 白底, 2K"),
        ("price set by bot: coupon", "bot定价: coupon"),
        ("the free revision rounds are used up: 再亮点", "免费修改次数已用完: 再亮点"),
        ("帮我抠图", "帮我抠图"),
    ],
)
def test_what_records_say_in_english_is_said_in_the_shops_words(said: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "phrases.toml"
    table = "\n".join(f'"{key}" = "{text}"' for key, text in CATALOGUE["words"].items())
    file.write_text(f'why = "{{reason}}"\n[words]\n{table}\n')
    assert Phrasebook(file).text("why", reason=said) == words


@pytest.mark.parametrize(("amount", "currency"), [("1", "CNY"), ("99", "CNY"), ("18", "USD"), (None, "CNY")])
def test_every_flag_of_a_payment_has_its_words(amount: str | None, currency: str) -> None:
    flag = quoting.flag_of(None if amount is None else money(amount), currency, quoted_order().quote)
    text = Phrasebook(ROOT / "phrases.toml").text(
        "staff_payment_flagged", order="O", customer="c", shop="s", paid="1", why=flag
    )
    assert flag not in text


@pytest.mark.parametrize("outcome", outcomes.WORDS)
def test_whatever_a_model_comes_to_has_its_words(outcome: Outcome) -> None:
    said = outcomes.told(outcome, "Gemini: 400 INVALID_ARGUMENT; told so")
    text = Phrasebook(ROOT / "phrases.toml").text(
        "staff_generation_failed", order="O", customer="c", shop="s", task="T", provider="Gemini", reason=said
    )
    assert outcomes.WORDS[outcome] not in text
    assert "told so" in text


def test_a_phrase_that_is_missing_or_broken_is_staffs_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "phrases.toml"
    file.write_text('greeting = "您好{name}"')
    with pytest.raises(OutsideUnavailable, match="nothing"):
        Phrasebook(file).text("nothing")
    with pytest.raises(OutsideUnavailable, match="name"):
        Phrasebook(file).text("greeting")


def test_everything_that_an_order_waits_for_has_words_of_the_shop() -> None:
    book = Phrasebook(ROOT / "phrases.toml")
    source = (ROOT / "domain" / "details.py").read_text()
    said = _strings_of_waits_for(source)
    assert len(said) > 15
    assert not [text for text in said if book.worded(text) == text]


def _strings_of_waits_for(source: str) -> set[str]:
    """What `waits_for` may answer, with something in the place of values."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name in {"waits_for", "_staff", "_staff_for"}:
            for back in ast.walk(node):
                if isinstance(back, ast.Return) and back.value is not None:
                    found |= _texts(back.value)
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "WAITS_FOR" for target in node.targets):
            assert isinstance(node.value, ast.Dict)
            found |= {text for value in node.value.values for text in _texts(value)}
    return found - {""}


def _texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.JoinedStr):
        return {"".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)}
    inner: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if not isinstance(node, ast.Attribute) and isinstance(child, ast.expr):
            inner |= _texts(child)
    return inner
