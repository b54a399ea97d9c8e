import pytest

from domain.attempts import rounds
from domain.attempts.rounds import NextStep
from domain.vocabulary.outcomes import Outcome
from tests.unit.domain.making import LINEUP, RULES, attempt, customer_says, make, shown_order, working_order

UNUSABLE = "ModelAnswerUnusable"


@pytest.mark.parametrize(
    ("tries", "step"),
    [
        ([(90, "")], NextStep.SHOW),
        ([(70, "")], NextStep.SHOW),
        ([(69, "")], NextStep.TRY_AGAIN),
        ([(69, ""), (20, ""), (30, "")], NextStep.SHOW),
        ([(None, UNUSABLE)], NextStep.TRY_AGAIN),
        ([(None, UNUSABLE)] * 3, NextStep.GIVE_UP),
        ([(40, ""), (None, UNUSABLE), (None, UNUSABLE)], NextStep.SHOW),
        ([(None, "ModelRefused")], NextStep.GIVE_UP),
        ([(40, ""), (None, "ModelRefused")], NextStep.SHOW),
        ([(None, "Timeout")], NextStep.GIVE_UP),
    ],
)
def test_what_follows_an_attempt(tries: list[tuple[int | None, str]], step: NextStep) -> None:
    picture = working_order().live[0]
    for score, error_type in tries:
        attempt(picture, score, error_type)
    assert rounds.next_step(picture, RULES, LINEUP) is step


def test_a_result_that_could_not_be_scored_is_shown() -> None:
    picture = working_order().live[0]
    unscored = attempt(picture, 90, "ModelRefused")
    unscored.look, unscored.outcome = None, Outcome.MADE
    assert rounds.next_step(picture, RULES, LINEUP) is NextStep.SHOW


def test_the_best_attempt_of_the_round_is_shown_and_the_first_of_equals() -> None:
    picture = working_order().live[0]
    for score in (40, 60, None, 60):
        attempt(picture, score)
    assert rounds.best_attempt(picture).number == 2


def test_a_round_without_a_result_has_no_best() -> None:
    picture = working_order().live[0]
    attempt(picture, None, UNUSABLE)
    with pytest.raises(ValueError, match="empty"):
        rounds.best_attempt(picture)


def test_a_revision_has_attempts_of_its_own() -> None:
    order = shown_order()
    customer_says(order, "不对,太暗")
    attempt(order.live[0], 10)
    assert rounds.next_step(order.live[0], RULES, LINEUP) is NextStep.TRY_AGAIN
    make(order, order.live[0], score=75)
    assert order.live[0].shown == 3
