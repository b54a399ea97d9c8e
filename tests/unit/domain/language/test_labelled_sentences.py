"""The labelled sentences: each file loads, holds enough of each act, and shares nothing with another."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from tests.words.reading import load

FILES = {"found": 150, "tuned": 300, "held_out": 500}


@pytest.mark.parametrize(("name", "least"), FILES.items())
def test_a_file_holds_as_many_sentences_as_its_figures_promise(name: str, least: int) -> None:
    assert len(load(name)) >= least


@pytest.mark.parametrize("name", ["tuned", "held_out"])
def test_each_act_is_the_best_one_of_ten_sentences_at_least(name: str) -> None:
    best = Counter(sentence.acts[0] for sentence in load(name))
    acts = ("mail", "accept", "round", "ask_what", "ask_back", "note", "tell_staff", "nothing")
    assert [act for act in acts if best[act] < 10] == []


@pytest.mark.parametrize(("one", "other"), [*combinations(FILES, 2)])
def test_no_sentence_stands_in_two_files(one: str, other: str) -> None:
    texts, others = ({(sentence.state, sentence.text) for sentence in load(name)} for name in (one, other))
    assert texts & others == set()


@pytest.mark.parametrize("name", FILES)
def test_mail_is_allowed_only_where_the_text_gives_an_address(name: str) -> None:
    mailed = [sentence.text for sentence in load(name) if "mail" in sentence.acts]
    assert [text for text in mailed if not any(sign in text for sign in ("@", "＠", "艾特"))] == []


@pytest.mark.parametrize(
    "line",
    [
        "paid\tnothing\t在吗",
        "pending\tmail\ta@qq.com",
        "revision\tnote\t亮一点",
        "pending\tsing\t在吗",
        "pending\tnothing|nothing\t在吗",
        "pending\tnothing\t ",
        "pending\tnothing",
        "pending\tnothing\t好\npending\tnote\t好",
    ],
)
def test_a_line_with_a_mistake_is_refused_with_its_number(line: str, tmp_path: Path) -> None:
    (tmp_path / "odd.tsv").write_text(f"# heading\n{line}\n")
    with pytest.raises(ValueError, match=r"odd\.tsv, line [23]"):
        load("odd", tmp_path)


def test_a_newline_of_the_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_text("awaiting_confirm\tmail|nothing\t可以\\na@qq.com\n")
    (sentence,) = load("one", tmp_path)
    assert sentence.text == "可以\na@qq.com"


def test_to_do_nothing_is_a_miss_and_another_act_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "one.tsv").write_text("awaiting_confirm\taccept|ask_back\t可以\n")
    (sentence,) = load("one", tmp_path)
    acts = ("accept", "ask_back", "nothing", "mail")
    assert [sentence.is_understood(act) for act in acts] == [True, False, False, False]
    assert [sentence.is_wrong(act) for act in acts] == [False, False, False, True]
