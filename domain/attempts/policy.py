"""The policy that chooses the model of an attempt: two tables of fallbacks, and the functions that apply them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

from domain.order.lineup import LOCAL, Lineup, Offer, of_other_providers
from domain.order.picture import Attempt, Choice, Picture
from domain.vocabulary.errors import ModelUnavailable
from domain.vocabulary.outcomes import Outcome


class Fallback(StrEnum):
    """What may follow an attempt that was not good enough."""

    RETRY_ONCE = "the same model again, told what was wrong, unless it was just retried"
    RETRY = "the same model again, told what was wrong"
    STRONGER = "a stronger model of the same provider, not yet tried in this round"
    OTHER = "another provider, not yet tried in this round"
    WAIT = "the usual model, once staff have fixed its set-up; only if there is nothing to show yet"
    PEOPLE = "staff or a designer; the best result so far is shown"


F, O = Fallback, Outcome  # noqa: E741 - the two tables are read more easily with short names
_AWAY = (F.OTHER, F.PEOPLE)  # Temporal has retried it already
_UNUSABLE = (F.RETRY_ONCE, F.OTHER, F.STRONGER, F.RETRY)

# For each outcome, the fallbacks in order: the first possible one is used. Other outcomes go to people.
FALLBACKS: Mapping[Outcome, tuple[Fallback, ...]] = {
    O.REFUSED: (F.OTHER, F.PEOPLE),
    O.FORBIDDEN: (F.PEOPLE,),
    O.BAD_INPUT: (F.OTHER, F.PEOPLE),
    O.NOT_SET_UP: (F.OTHER, F.WAIT),
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
    O.UNCHANGED: (F.STRONGER, F.OTHER, F.RETRY),
    O.WRONG_FILE: (F.RETRY_ONCE, F.STRONGER, F.OTHER, F.RETRY),
    O.TOO_DEAR: (F.OTHER, F.PEOPLE),
}
# For a result that failed the quality check, by the check's advice.
FALLBACKS_BY_ADVICE: Mapping[str, tuple[Fallback, ...]] = {
    "repair_prompt": (F.RETRY_ONCE, F.STRONGER, F.OTHER, F.RETRY),
    "stronger_model": (F.STRONGER, F.OTHER, F.RETRY),
    "other_provider": (F.OTHER, F.STRONGER, F.RETRY),
    "designer": (F.PEOPLE,),
}

AWAY = frozenset({O.BUSY, O.BROKEN, O.UNREACHABLE, O.TIMED_OUT, O.CUT_OFF})
# Temporal's tries of one attempt at an unavailable model, with and without another provider to fall back to.
TRIES_WITH_FALLBACK, TRIES_WITHOUT_FALLBACK = 4, ModelUnavailable.tries
LONGEST_DELAY_WITH_FALLBACK = timedelta(minutes=1)  # the provider's retry delay; a longer one is not waited for


def first_choice(lineup: Lineup, picture: Picture) -> Choice | None:
    """Choose the model of a round's first attempt: the one that made the result shown, else the usual one.

    None if no models are known; then the worker uses its own default.
    """
    shown = next((attempt for attempt in picture.attempts if attempt.number == picture.shown), None)
    fit = _affordable(lineup, picture) or lineup.fit_for(picture.work)
    kept = [offer for offer in fit if shown and shown.choice and _is_of(offer, shown.choice)]
    usual = [offer for offer in fit if not offer.is_stronger]
    chosen = next(iter([*kept, *usual, *fit]), None)
    return _choice(chosen) if chosen else None


def next_choice(lineup: Lineup, picture: Picture) -> Choice | None:
    """Choose the model of the next attempt of a round, by the outcome of the last one; None leaves it to people.

    An attempt with a model that is not set up does not count: the fallback order of the attempt before it continues.
    """
    offers, tries = _affordable(lineup, picture), [attempt for attempt in picture.tries if attempt.choice]
    tried = [attempt for attempt in tries if attempt.outcome is not Outcome.NOT_SET_UP]
    for fallback in _fallbacks(tries, tried):
        if fallback is Fallback.PEOPLE:
            return None
        if choice := _CHOOSERS[fallback](offers, tries, tried):
            return choice
    return _wait_for_staff(offers, tries, tried) if len(tried) < len(tries) else None


def counts_toward_limit(attempt: Attempt) -> bool:
    """Whether an attempt counts toward a round's limit: not if its model was unavailable or not set up."""
    is_patient = bool(attempt.choice and attempt.choice.is_patient)
    return attempt.outcome not in AWAY and (is_patient or attempt.outcome is not Outcome.NOT_SET_UP)


def _fallbacks(tries: list[Attempt], tried: list[Attempt]) -> tuple[Fallback, ...]:
    if not tried:
        return FALLBACKS[Outcome.NOT_SET_UP] if tries else (Fallback.PEOPLE,)
    last = tried[-1]
    if last.outcome in {Outcome.POOR, Outcome.WRONG_FILE} and last.look:
        return FALLBACKS_BY_ADVICE[last.look.next_step]
    if last.outcome in AWAY and tries[-1] is not last:  # none could take over: it may be back
        return (Fallback.OTHER, Fallback.RETRY_ONCE, Fallback.PEOPLE)
    return FALLBACKS.get(last.outcome, (Fallback.PEOPLE,)) if last.outcome else (Fallback.PEOPLE,)


def _affordable(lineup: Lineup, picture: Picture) -> list[Offer]:
    return lineup.affordable(picture.work, picture.spent, is_unlimited=picture.is_unlimited)


def _retry(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    """Choose the same model, unless it is the local one, which makes the same of the same picture and words."""
    last = tried[-1].choice
    if last and last.provider == LOCAL:
        return None
    return next(
        (_choice(offer) for offer in offers if last and _is_of(offer, last) and not _is_not_set_up(offer, tries)), None
    )


def _retry_once(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    last, before = tried[-1].choice, tried[-2].choice if len(tried) > 1 else None
    was_done = last and before and (last.provider, last.model) == (before.provider, before.model)
    return None if was_done else _retry(offers, tries, tried)


def _stronger_model(offers: list[Offer], tries: list[Attempt], tried: list[Attempt]) -> Choice | None:
    last = tried[-1].choice
    stronger = [offer for offer in offers if offer.is_stronger and last and offer.provider == last.provider]
    return next((_choice(offer) for offer in stronger if not _outcomes(offer, tries)), None)


def _other_provider(offers: list[Offer], tries: list[Attempt], _: list[Attempt]) -> Choice | None:
    used = {attempt.choice.provider for attempt in tries if attempt.choice}
    return next(map(_choice, of_other_providers(offers, used)), None)


def _wait_for_staff(offers: list[Offer], tries: list[Attempt], _: list[Attempt]) -> Choice | None:
    """Choose the preferred model among those that were not set up, to wait for. Stronger models are not waited for."""
    if any(attempt.result for attempt in tries):
        return None
    providers = {attempt.choice.provider for attempt in tries if attempt.choice}
    usual = [offer for offer in offers if not offer.is_stronger and offer.provider in providers]
    untried = [offer for offer in usual if not _outcomes(offer, tries)]
    shut = [offer for offer in usual if _is_not_set_up(offer, tries)]
    chosen = next(iter([*untried, *shut]), None)
    return _choice(chosen).model_copy(update={"is_patient": not untried}) if chosen else None


_CHOOSERS: Mapping[Fallback, Callable[[list[Offer], list[Attempt], list[Attempt]], Choice | None]] = {
    Fallback.RETRY: _retry,
    Fallback.RETRY_ONCE: _retry_once,
    Fallback.STRONGER: _stronger_model,
    Fallback.OTHER: _other_provider,
    Fallback.WAIT: _wait_for_staff,
}


def _outcomes(offer: Offer, tries: list[Attempt]) -> list[Outcome | None]:
    """Return the outcomes of the attempts with a model."""
    return [attempt.outcome for attempt in tries if attempt.choice and _is_of(offer, attempt.choice)]


def _is_not_set_up(offer: Offer, tries: list[Attempt]) -> bool:
    return _outcomes(offer, tries)[-1:] == [Outcome.NOT_SET_UP]


def _is_of(offer: Offer, choice: Choice) -> bool:
    return (offer.provider, offer.model) == (choice.provider, choice.model)


def _choice(offer: Offer) -> Choice:
    return Choice(provider=offer.provider, model=offer.model)
