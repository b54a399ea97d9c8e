"""Which model an attempt uses: the whole policy, as two tables and the few words they are written in."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

from domain.order.lineup import Lineup, Offer, of_others
from domain.order.picture import Attempt, Choice, Picture
from domain.vocabulary.errors import ModelUnavailable
from domain.vocabulary.outcomes import Outcome


class Turn(StrEnum):
    """What may be done after an attempt that was not good enough."""

    AGAIN_ONCE = "the same model again, told what was found, unless that was done just before"
    AGAIN = "the same model again, told what was found"
    STRONGER = "a stronger model of the provider that was not tried in this round"
    OTHER = "another provider that was not tried in this round"
    WAIT = "the usual model, once staff have mended it, where there is nothing to show yet"
    PEOPLE = "staff or a designer; what was made so far is shown"


T, O = Turn, Outcome  # noqa: E741 - the two tables are read more easily with short names
_AWAY = (T.OTHER, T.PEOPLE)  # Temporal has tried it again already
_UNUSABLE = (T.AGAIN_ONCE, T.OTHER, T.STRONGER, T.AGAIN)

# After each outcome: the first of these that can be taken is. What is not named goes to people.
AFTER: Mapping[Outcome, tuple[Turn, ...]] = {
    O.REFUSED: (T.OTHER, T.PEOPLE),
    O.FORBIDDEN: (T.PEOPLE,),
    O.BAD_INPUT: (T.OTHER, T.PEOPLE),
    O.NOT_SET_UP: (T.OTHER, T.WAIT),
    O.BUSY: _AWAY,
    O.BROKEN: _AWAY,
    O.UNREACHABLE: _AWAY,
    O.TIMED_OUT: _AWAY,
    O.CUT_OFF: _AWAY,
    O.GARBLED: _UNUSABLE,
    O.NO_PICTURE: _UNUSABLE,
    O.ONLY_WORDS: _UNUSABLE,
    O.BROKEN_PICTURE: _UNUSABLE,
    O.LOST_PICTURE: _UNUSABLE,
    O.UNCHANGED: (T.STRONGER, T.OTHER, T.AGAIN),
    O.WRONG_FILE: (T.AGAIN_ONCE, T.STRONGER, T.OTHER, T.AGAIN),
    O.TOO_DEAR: (T.OTHER, T.PEOPLE),
}
# After a result that the check scored too low: by what the check advises.
ADVISED: Mapping[str, tuple[Turn, ...]] = {
    "repair_prompt": (T.AGAIN_ONCE, T.STRONGER, T.OTHER, T.AGAIN),
    "stronger_model": (T.STRONGER, T.OTHER, T.AGAIN),
    "other_provider": (T.OTHER, T.STRONGER, T.AGAIN),
    "designer": (T.PEOPLE,),
}

AWAY = frozenset({O.BUSY, O.BROKEN, O.UNREACHABLE, O.TIMED_OUT, O.CUT_OFF})
# Tries of one attempt, by Temporal, at a model that is away: where another provider can take over, and where none can.
TRIES_BESIDE_OTHERS, TRIES_ALONE = 4, ModelUnavailable.tries
LONGEST_DELAY_BESIDE_OTHERS = timedelta(minutes=1)  # asked for by a provider: a longer one sends us to another


def first(lineup: Lineup, picture: Picture) -> Choice | None:
    """Choose for the first attempt of a round: what made the result that lies before the customer, else the usual one.

    None where no model is known: then the worker takes its own.
    """
    shown = next((attempt for attempt in picture.attempts if attempt.number == picture.shown), None)
    fit = _affordable(lineup, picture) or lineup.fit_for(picture.work)
    kept = [offer for offer in fit if shown and shown.choice and _is_of(offer, shown.choice)]
    usual = [offer for offer in fit if not offer.is_stronger]
    chosen = next(iter([*kept, *usual, *fit]), None)
    return _choice(chosen) if chosen else None


def after(lineup: Lineup, picture: Picture) -> Choice | None:
    """Choose for one more attempt of the round, by what the last one came to; None leaves the picture to people.

    A model that is not set up says nothing of the picture: the turns of the attempt before it go on without it.
    """
    offers, tries = _affordable(lineup, picture), [attempt for attempt in picture.tries if attempt.choice]
    tried = [attempt for attempt in tries if attempt.outcome is not Outcome.NOT_SET_UP]
    for turn in _turns(tries, tried):
        if turn is Turn.PEOPLE:
            return None
        if choice := _TAKERS[turn](offers, tries, tried):
            return choice
    return _wait(offers, tries, tried) if len(tried) < len(tries) else None


def counts(attempt: Attempt) -> bool:
    """Whether it is one of the attempts that a round may have: those are not in which no model did anything."""
    is_patient = bool(attempt.choice and attempt.choice.is_patient)
    return attempt.outcome not in AWAY and (is_patient or attempt.outcome is not Outcome.NOT_SET_UP)


def _turns(tries: list[Attempt], tried: list[Attempt]) -> tuple[Turn, ...]:
    if not tried:
        return AFTER[Outcome.NOT_SET_UP] if tries else (Turn.PEOPLE,)
    last = tried[-1]
    if last.outcome is Outcome.POOR and last.look:
        return ADVISED[last.look.next_step]
    if last.outcome in AWAY and tries[-1] is not last:  # nobody could take over: it may be back
        return (Turn.OTHER, Turn.AGAIN_ONCE, Turn.PEOPLE)
    return AFTER.get(last.outcome, (Turn.PEOPLE,)) if last.outcome else (Turn.PEOPLE,)


def _affordable(lineup: Lineup, picture: Picture) -> list[Offer]:
    return lineup.affordable(picture.work, picture.spent, is_unlimited=picture.is_unlimited)


def _again(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    last = tried[-1].choice
    return next(
        (_choice(offer) for offer in offers if last and _is_of(offer, last) and not _is_shut(offer, tries)), None
    )


def _again_once(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    last, before = tried[-1].choice, tried[-2].choice if len(tried) > 1 else None
    was_done = last and before and (last.provider, last.model) == (before.provider, before.model)
    return None if was_done else _again(offers, tries, tried)


def _stronger(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    last = tried[-1].choice
    stronger = [offer for offer in offers if offer.is_stronger and last and offer.provider == last.provider]
    return next((_choice(offer) for offer in stronger if not _ends(offer, tries)), None)


def _other(offers: list[Offer], tries: list[Attempt], _: list[Attempt]) -> Choice | None:
    used = {attempt.choice.provider for attempt in tries if attempt.choice}
    return next(map(_choice, of_others(offers, used)), None)


def _wait(offers: list[Offer], tries: list[Attempt], _: list[Attempt]) -> Choice | None:
    """Wait for the preferred one of those that were not set up; a stronger one is not waited for, the usual goes on."""
    if any(attempt.result for attempt in tries):
        return None
    providers = {attempt.choice.provider for attempt in tries if attempt.choice}
    usual = [offer for offer in offers if not offer.is_stronger and offer.provider in providers]
    untried = [offer for offer in usual if not _ends(offer, tries)]
    shut = [offer for offer in usual if _is_shut(offer, tries)]
    chosen = next(iter([*untried, *shut]), None)
    return _choice(chosen).model_copy(update={"is_patient": not untried}) if chosen else None


_TAKERS: Mapping[Turn, Callable[[list[Offer], list[Attempt], list[Attempt]], Choice | None]] = {
    Turn.AGAIN: _again,
    Turn.AGAIN_ONCE: _again_once,
    Turn.STRONGER: _stronger,
    Turn.OTHER: _other,
    Turn.WAIT: _wait,
}


def _ends(offer: Offer, tries: list[Attempt]) -> list[Outcome | None]:
    """Return what the attempts of a model came to."""
    return [attempt.outcome for attempt in tries if attempt.choice and _is_of(offer, attempt.choice)]


def _is_shut(offer: Offer, tries: list[Attempt]) -> bool:
    return _ends(offer, tries)[-1:] == [Outcome.NOT_SET_UP]


def _is_of(offer: Offer, choice: Choice) -> bool:
    return (offer.provider, offer.model) == (choice.provider, choice.model)


def _choice(offer: Offer) -> Choice:
    return Choice(provider=offer.provider, model=offer.model)
