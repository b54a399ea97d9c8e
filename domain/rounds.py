"""What follows an attempt: show it, try again, give up, or leave it to people."""

from enum import StrEnum

from domain.errors import ModelAnswerUnusable, ProcessingSwitchedOff
from domain.rules import ShopRules
from domain.task import Attempt, Picture


class NextStep(StrEnum):
    """What is done after an attempt."""

    SHOW = "show"
    TRY_AGAIN = "try_again"
    GIVE_UP = "give_up"
    DESIGNER = "designer"
    STOP = "stop"


def after(picture: Picture, rules: ShopRules) -> NextStep:
    """Decide after an attempt. Once the last one is spent, the best is shown all the same.

    Of what the check leaves to a designer nothing is shown. Where automatic processing is off nothing was tried.
    """
    last = picture.tries[-1]
    if last.error_type == ProcessingSwitchedOff.__name__:
        return NextStep.STOP
    if last.look and last.look.score >= rules.quality_threshold:
        return NextStep.SHOW
    if last.look and last.look.next_step == "designer":
        return NextStep.DESIGNER
    unusable = last.result is None and last.error_type == ModelAnswerUnusable.__name__
    is_worth_another = bool(last.look) or unusable
    if is_worth_another and len(picture.tries) < rules.max_attempts:
        return NextStep.TRY_AGAIN
    return NextStep.SHOW if any(attempt.result for attempt in picture.tries) else NextStep.GIVE_UP


def best(picture: Picture) -> Attempt:
    """Return the attempt of this round with the highest score. Raises ValueError where none has a result."""
    finished = [attempt for attempt in picture.tries if attempt.result]
    return max(finished, key=lambda attempt: attempt.look.score if attempt.look else -1)
