"""What is said by a key has words in each language."""

import inspect
import json
import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.texts.catalogue import LANGUAGES, TEXTS, Language, Texts, without_detail
from domain.texts.phrase import AS_WRITTEN, Said, said, written
from domain.vocabulary import errors
from domain.vocabulary.outcomes import Outcome

ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.DarkroomError)]


def fields(text: str) -> set[str]:
    return {f"{name}:{table}" for _, name, table, _ in Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys_with_the_same_values() -> None:
    chinese, english = TEXTS["zh"].texts, TEXTS["en"].texts
    assert chinese.keys() == english.keys()
    assert {key: fields(text) for key, text in chinese.items()} == {key: fields(text) for key, text in english.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_names_only_tables_that_there_are(language: Language) -> None:
    tables = {key.partition(".")[0] for key in TEXTS[language].texts}
    named = {field.partition(":")[2] for text in TEXTS[language].texts.values() for field in fields(text)}
    assert named - {""} <= tables


def test_chinese_texts_are_chinese_and_english_ones_are_not() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    plain = {key for key, text in TEXTS["zh"].texts.items() if not chinese.search(re.sub(r"{[^}]*}", "", text))}
    assert plain == {AS_WRITTEN, "details.head", "work.dispatch", "provider.gemini", "provider.seedream"}
    assert not [key for key, text in TEXTS["en"].texts.items() if chinese.search(text)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ERRORS)
def test_every_expected_error_says_why_in_each_language(kind: type[errors.DarkroomError], language: Language) -> None:
    told = kind("developers read this").told
    assert told.phrase in TEXTS[language]
    assert "developers" not in TEXTS[language].say(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", Outcome)
def test_whatever_came_of_a_call_has_words(outcome: Outcome, language: Language) -> None:
    told = errors.ModelError("developers read this", outcome, detail="quota exceeded").told
    assert told.phrase in TEXTS[language]
    assert "developers" not in TEXTS[language].say(told)
    assert "quota exceeded" not in TEXTS[language].say(told, detail=False)


def test_what_an_outside_system_said_is_left_out_however_deep_it_stands() -> None:
    told = said("error.unexpected", kind=said("outcome.busy", detail="secret"), others=[said("x", detail="secret")])
    assert "secret" not in json.dumps(without_detail(told).model_dump())


def test_words_of_others_are_quoted_as_they_are_and_braces_in_them_name_nothing() -> None:
    words = "{kind} {0} [[{x}]] 50%"
    assert TEXTS["zh"].say(written(words)) == words
    assert TEXTS["en"].say(said("error.unexpected", kind=words)) == f"unexpected error ({words})"


def test_a_value_may_be_named_by_a_table_and_a_part_without_its_value_is_left_out() -> None:
    texts = Texts({"moved": "{from:status} → {to:status}[[ ({why})]]", "status.paid": "已付款"})
    assert texts.text("moved", {"from": "paid", "to": "strange"}) == "已付款 → strange"
    assert texts.text("moved", {"from": "paid", "to": "paid", "why": "x"}) == "已付款 → 已付款 (x)"
    with pytest.raises(KeyError):
        texts.text("moved", {"from": "paid"})
    assert texts.say(said("moved", **{"from": "paid"})) == "已付款 →"


def test_a_plain_string_of_an_older_history_is_words_as_they_were_written() -> None:
    assert Said.model_validate("no designer finished it in time") == written("no designer finished it in time")
    assert not Said.model_validate("")
    assert not written("  ")


@given(st.recursive(st.text(), lambda inner: st.lists(inner, max_size=3) | st.builds(written, st.text())))
def test_what_is_said_survives_a_history(value: object) -> None:
    told = said("error.unexpected", kind=value)
    assert Said.model_validate_json(told.model_dump_json()) == told
    assert TEXTS["zh"].say(told).startswith("程序出错")
