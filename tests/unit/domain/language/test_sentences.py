"""The labelled sentences of tests/words: nothing is done that must not be, and most are understood."""

import pytest

from domain.language import IRREVERSIBLE, Act, Situation, decide, read
from domain.vocabulary.status import Status
from tests.words.reading import Sentence, load

FOUND, TUNED, HELD_OUT = map(load, ("found", "tuned", "held_out"))
LEAST_UNDERSTOOD = 0.8


def act_upon(sentence: Sentence) -> Act:
    status, _, pictures = sentence.state.partition(":")
    return decide(read(sentence.text), Situation.of(Status(status), int(pictures or 1))).act


@pytest.mark.parametrize("sentence", [*FOUND, *TUNED], ids=lambda sentence: f"{sentence.state}: {sentence.text}")
def test_what_follows_is_allowed(sentence: Sentence) -> None:
    assert act_upon(sentence) in sentence.acts


def test_of_sentences_that_nobody_tuned_for_none_mails_accepts_or_begins_what_it_must_not() -> None:
    wrong = sum(act in IRREVERSIBLE and sentence.is_wrong(act) for sentence, act in _acts(HELD_OUT))
    assert wrong == 0, "look at the figures only, never at the sentences"


def test_of_sentences_that_nobody_tuned_for_most_are_understood() -> None:
    acts = [(sentence, act) for sentence, act in _acts(HELD_OUT) if sentence.acts[0] != "nothing"]
    assert _share([act in sentence.acts for sentence, act in acts]) >= LEAST_UNDERSTOOD


def test_of_content_and_addresses_that_nobody_tuned_for_most_are_understood_best() -> None:
    acts = [(sentence, act) for sentence, act in _acts(HELD_OUT) if sentence.acts[0] in {"mail", "accept"}]
    assert _share([sentence.is_understood(act) for sentence, act in acts]) >= LEAST_UNDERSTOOD


def _acts(sentences: list[Sentence]) -> list[tuple[Sentence, Act]]:
    return [(sentence, act_upon(sentence)) for sentence in sentences]


def _share(understood: list[bool]) -> float:
    print(f"{sum(understood)} of {len(understood)}")
    return sum(understood) / len(understood)
