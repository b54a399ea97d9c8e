"""Decides what follows an attempt: show the result, retry, give up, or leave it to people."""

from enum import StrEnum

from domain.attempts import policy
from domain.order.lineup import Lineup
from domain.order.picture import Attempt, Choice, Picture
from domain.vocabulary.errors import ProcessingSwitchedOff
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.rules import ShopRules


class NextStep(StrEnum):
    """What to do after an attempt."""

    SHOW = "show"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"
    DESIGNER = "designer"
    STOP = "stop"


def choose_model(picture: Picture, lineup: Lineup) -> Choice | None:
    """Choose the model of the next attempt; None if the worker uses its default, or no model is left to try."""
    has_begun = any(attempt.choice for attempt in picture.tries)  # a failed external result does not begin a round
    return policy.next_choice(lineup, picture) if has_begun else policy.first_choice(lineup, picture)


def next_step(picture: Picture, rules: ShopRules, lineup: Lineup) -> NextStep:
    """Return what follows the last attempt of a round. After the last allowed one the best result is shown anyway.

    Nothing is shown if the check recommends a designer. If automatic processing is off, nothing was tried: stop.
    """
    last = picture.tries[-1]
    if last.error_type == ProcessingSwitchedOff.__name__:
        return NextStep.STOP
    if last.result and last.outcome in {Outcome.PASSED, Outcome.MADE}:
        return NextStep.SHOW
    if last.look and last.look.next_step == "designer":
        return NextStep.DESIGNER
    counted = [attempt for attempt in picture.tries if policy.counts_toward_limit(attempt)]
    if len(counted) < rules.max_attempts and choose_model(picture, lineup):
        return NextStep.TRY_AGAIN
    return NextStep.SHOW if any(attempt.result for attempt in picture.tries) else NextStep.GIVE_UP


def best_attempt(picture: Picture) -> Attempt:
    """Return the attempt of this round with the highest score. Raises ValueError if none has a result."""
    finished = [attempt for attempt in picture.tries if attempt.result]
    return max(finished, key=lambda attempt: attempt.look.score if attempt.look else -1)
