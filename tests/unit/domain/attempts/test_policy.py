"""The policy as a table: which model the next attempt uses."""

from decimal import Decimal
from typing import Any

import pytest

from domain.attempts import policy
from domain.attempts.policy import FALLBACKS, FALLBACKS_BY_ADVICE
from domain.order.lineup import Lineup, Offer, of_other_providers
from domain.order.picture import Attempt, Choice, Picture, Result
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Look, Operation
from tests.unit.domain.making import stored

USUAL, STRONG, OTHER = "gemini/usual", "gemini/strong", "seedream/four"
ALL, ALONE, LOCAL = (USUAL, STRONG, OTHER), (USUAL,), ("local/local",)
COSTS = {USUAL: Decimal("0.7"), STRONG: Decimal("1.5"), OTHER: Decimal("0.2")}
RETRY, PEOPLE, WAIT = "again", "people", "wait"
# The kinds of outcome that share a row.
REFUSALS = (Outcome.REFUSED, Outcome.BAD_INPUT)
ABSENCES = (Outcome.BUSY, Outcome.BROKEN, Outcome.UNREACHABLE, Outcome.TIMED_OUT, Outcome.CUT_OFF)
NOTHINGS = (
    Outcome.GARBLED, Outcome.NO_PICTURE, Outcome.ONLY_WORDS, Outcome.BROKEN_PICTURE, Outcome.LOST_PICTURE,
)  # fmt: skip

RESULT = Result(file=stored("attempt-1.png"), view_key="attempt-1.png", preview_key="attempt-1-preview.jpg")

End = Outcome | str  # how an attempt ended: an outcome, or what a check advised that it did not pass


def lineup(models: tuple[str, ...], limit: str | None = None) -> Lineup:
    offers = [
        Offer(
            provider=choice(name).provider,
            model=choice(name).model,
            is_stronger=name == STRONG,
            cost=COSTS.get(name, Decimal(0)),
        )
        for name in models
    ]
    return Lineup(offers=offers, cost_limit=Decimal(limit) if limit else None)


def choice(name: str) -> Choice:
    provider, _, model = name.partition("/")
    return Choice(provider=provider, model=model)


def picture(*tries: tuple[str, End], **facts: Any) -> Picture:
    """A picture whose round came to these."""
    made = Picture(task_id="TASK_20261122_7K3F9Q_1", **facts)
    for number, (name, end) in enumerate(tries, 1):
        used = choice(name)
        attempt = Attempt(number=number, round=0, choice=used, provider=used.provider, model=used.model, error="why")
        attempt.outcome = end if isinstance(end, Outcome) else Outcome.POOR
        attempt.look = None if isinstance(end, Outcome) else Look.model_validate({"score": 40, "next_step": end})
        made.attempts.append(attempt)
    return made


def following(models: tuple[str, ...], *tries: tuple[str, End], limit: str | None = None) -> str:
    """Return what comes next, where 1 is spent: a model by its name, `again`, `wait`, or `people`."""
    found = policy.next_choice(lineup(models, limit), picture(*tries, spent=Spent(cost=Decimal(1))))
    if found is None:
        return PEOPLE
    name = f"{found.provider}/{found.model}"
    return WAIT if found.is_patient else RETRY if name == tries[-1][0] else name


@pytest.mark.parametrize(
    ("end", "with_all", "alone"),
    [
        *((outcome, OTHER, PEOPLE) for outcome in (*REFUSALS, *ABSENCES)),
        *((outcome, RETRY, RETRY) for outcome in NOTHINGS),
        (Outcome.FORBIDDEN, PEOPLE, PEOPLE),
        (Outcome.NOT_SET_UP, OTHER, WAIT),
        (Outcome.UNCHANGED, STRONG, RETRY),
        (Outcome.WRONG_FILE, RETRY, RETRY),
        (Outcome.TOO_DEAR, OTHER, PEOPLE),
        ("repair_prompt", RETRY, RETRY),
        ("stronger_model", STRONG, RETRY),
        ("other_provider", OTHER, RETRY),
        ("designer", PEOPLE, PEOPLE),
    ],
)
def test_what_follows_the_first_attempt(end: End, with_all: str, alone: str) -> None:
    assert (following(ALL, (USUAL, end)), following(ALONE, (USUAL, end))) == (with_all, alone)


@pytest.mark.parametrize("end", [Outcome.WRONG_FILE, Outcome.UNCHANGED, "repair_prompt", "stronger_model"])
def test_the_local_model_is_not_asked_for_the_same_again(end: End) -> None:
    assert following(LOCAL, (LOCAL[0], end)) == PEOPLE
    assert following((*LOCAL, USUAL), (LOCAL[0], end)) == USUAL


@pytest.mark.parametrize("advice", ["stronger_model", "other_provider"])
def test_what_was_measured_wrong_is_followed_by_what_the_check_advises(advice: str) -> None:
    made = picture((USUAL, Outcome.WRONG_FILE), spent=Spent(cost=Decimal(1)))
    made.attempts[-1].look = Look.model_validate({"score": 40, "next_step": advice})
    assert policy.next_choice(lineup(ALL), made) == policy.next_choice(
        lineup(ALL), picture((USUAL, advice), spent=Spent(cost=Decimal(1)))
    )


@pytest.mark.parametrize(
    ("tries", "next_one"),
    [
        *(([(USUAL, outcome), (USUAL, outcome)], OTHER) for outcome in NOTHINGS),
        ([(USUAL, Outcome.NO_PICTURE), (OTHER, Outcome.NO_PICTURE)], RETRY),
        ([(USUAL, Outcome.NO_PICTURE), (USUAL, Outcome.ONLY_WORDS)], OTHER),
        ([(USUAL, Outcome.REFUSED), (OTHER, Outcome.NOT_SET_UP)], PEOPLE),
        ([(USUAL, Outcome.BUSY), (OTHER, Outcome.NOT_SET_UP)], USUAL),
        ([(USUAL, Outcome.BUSY), (OTHER, Outcome.NOT_SET_UP), (USUAL, Outcome.BUSY)], PEOPLE),
        ([(USUAL, Outcome.UNCHANGED), (STRONG, Outcome.NOT_SET_UP), (OTHER, Outcome.NOT_SET_UP)], USUAL),
        ([(USUAL, "other_provider"), (OTHER, Outcome.NOT_SET_UP)], STRONG),
        ([(USUAL, Outcome.NO_PICTURE), (USUAL, Outcome.NOT_SET_UP), (OTHER, Outcome.NOT_SET_UP)], STRONG),
        ([(STRONG, Outcome.NOT_SET_UP)], OTHER),
        ([(USUAL, "repair_prompt"), (USUAL, "repair_prompt")], STRONG),
        ([(USUAL, "repair_prompt"), (STRONG, "repair_prompt")], RETRY),
        ([(USUAL, "stronger_model"), (STRONG, "stronger_model")], OTHER),
        ([(USUAL, "other_provider"), (OTHER, "other_provider")], RETRY),
        ([(OTHER, Outcome.REFUSED)], USUAL),
        ([(USUAL, Outcome.REFUSED), (OTHER, Outcome.REFUSED)], PEOPLE),
        ([(USUAL, Outcome.BROKEN), (OTHER, Outcome.BROKEN)], PEOPLE),
        ([(USUAL, Outcome.NOT_SET_UP), (OTHER, Outcome.NOT_SET_UP)], WAIT),
        ([(USUAL, Outcome.UNCHANGED), (STRONG, Outcome.NOT_SET_UP)], OTHER),
        ([(USUAL, Outcome.UNCHANGED), (STRONG, Outcome.UNCHANGED)], OTHER),
        ([(USUAL, Outcome.WRONG_FILE), (USUAL, Outcome.WRONG_FILE)], STRONG),
    ],
)
def test_what_follows_later_attempts(tries: list[tuple[str, End]], next_one: str) -> None:
    assert following(ALL, *tries) == next_one


def test_every_outcome_that_is_no_success_has_its_row() -> None:
    ends = {Outcome.MADE, Outcome.PASSED, Outcome.CALLED_OFF, Outcome.INTERRUPTED}  # nothing follows these by choice
    assert set(FALLBACKS) == set(Outcome) - ends - {Outcome.POOR}
    assert set(FALLBACKS_BY_ADVICE) == {"repair_prompt", "stronger_model", "other_provider", "designer"}


def test_an_attempt_that_failed_for_another_reason_goes_to_people() -> None:
    failed = picture((USUAL, Outcome.MADE))
    failed.attempts[0].outcome = None
    assert policy.next_choice(lineup(ALL), failed) is None


@pytest.mark.parametrize(
    ("limit", "end", "next_one"),
    [
        ("3", "stronger_model", STRONG),
        ("2.4", "stronger_model", OTHER),  # the stronger one would cost 1.5
        ("1.1", "stronger_model", PEOPLE),
        ("1.6", Outcome.NO_PICTURE, OTHER),
        ("1.1", Outcome.NO_PICTURE, PEOPLE),
        ("0.1", Outcome.NOT_SET_UP, PEOPLE),  # once it is set up it would cost
    ],
)
def test_a_model_that_would_pass_the_limit_is_left_out(limit: str, end: End, next_one: str) -> None:
    assert following(ALL, (USUAL, end), limit=limit) == next_one


def test_what_may_be_billed_counts_as_spent() -> None:
    doubtful = picture((USUAL, Outcome.NO_PICTURE), spent=Spent(possibly=Decimal(2)))
    assert policy.next_choice(lineup(ALONE, "2"), doubtful) is None


def test_what_staff_have_forced_may_cost_what_it_costs() -> None:
    forced = picture((USUAL, Outcome.NO_PICTURE), unlimited_round=0, spent=Spent(cost=Decimal(9)))
    assert policy.next_choice(lineup(ALONE, "0.1"), forced) == choice(USUAL)
    forced.unlimited_round = 7
    assert policy.next_choice(lineup(ALONE, "0.1"), forced) is None, "another round was meant"


@pytest.mark.parametrize(
    ("models", "chosen"),
    [(ALL, USUAL), ((OTHER, USUAL), OTHER), ((STRONG, OTHER), OTHER), ((STRONG,), STRONG), (LOCAL, LOCAL[0])],
)
def test_a_round_begins_with_the_preferred_model_that_is_not_the_stronger_one(
    models: tuple[str, ...], chosen: str
) -> None:
    assert policy.first_choice(lineup(models), picture()) == choice(chosen)


def test_a_revision_begins_with_what_made_the_shown_result() -> None:
    revised = picture((USUAL, Outcome.REFUSED), (OTHER, Outcome.PASSED), shown=2, round=1)
    assert policy.first_choice(lineup(ALL), revised) == choice(OTHER)
    assert policy.first_choice(lineup(ALONE), revised) == choice(USUAL), "it is not set up any more"


def test_where_no_model_is_known_the_worker_takes_its_own() -> None:
    assert policy.first_choice(Lineup(), picture()) is None
    assert policy.next_choice(Lineup(), picture((USUAL, "repair_prompt"))) is None


@pytest.mark.parametrize(
    ("operation", "chosen"), [(Operation.ENHANCE, LOCAL[0]), (Operation.EDIT, USUAL), (None, LOCAL[0])]
)
def test_a_model_is_asked_only_for_what_it_is_fit_for(operation: Operation | None, chosen: str) -> None:
    models = lineup((*LOCAL, USUAL))
    models.offers[0].operations = [Operation.ENHANCE]
    assert policy.first_choice(models, picture(operation=operation)) == choice(chosen)


def test_where_none_is_fit_one_has_to_try() -> None:
    models = lineup(LOCAL)
    models.offers[0].operations = [Operation.ENHANCE]
    assert policy.first_choice(models, picture(operation=Operation.EDIT)) == choice(LOCAL[0])


@pytest.mark.parametrize(
    ("tried", "limit", "others"),
    [([], "9", 3), (["gemini"], "9", 1), (["gemini", "seedream"], "9", 0), (["seedream"], "1.8", 1), ([], "1.1", 0)],
)
def test_who_could_take_over_is_of_another_provider_and_within_the_limit(
    tried: list[str], limit: str, others: int
) -> None:
    affordable = lineup(ALL, limit).affordable(Operation.EDIT, Spent(cost=Decimal(1)), is_unlimited=False)
    assert len(of_other_providers(affordable, tried)) == others


def test_what_can_be_shown_does_not_wait_for_a_model() -> None:
    shown = picture((USUAL, "stronger_model"), (USUAL, Outcome.NOT_SET_UP))
    assert policy.next_choice(lineup(ALONE), shown) == choice(USUAL).model_copy(update={"is_patient": True})
    shown.attempts[0].result = RESULT
    assert policy.next_choice(lineup(ALONE), shown) is None


def test_a_revision_of_what_a_stronger_model_made_goes_to_the_usual_one_where_that_is_shut() -> None:
    assert policy.next_choice(lineup((USUAL, STRONG)), picture((STRONG, Outcome.NOT_SET_UP))) == choice(USUAL)


def test_a_round_begins_within_the_limit_where_something_is() -> None:
    revised = picture((STRONG, Outcome.PASSED), shown=1, round=1, spent=Spent(cost=Decimal("8.8")))
    assert policy.first_choice(lineup(ALL, "10"), revised) == choice(USUAL)
    assert policy.first_choice(lineup(ALL, "8.9"), revised) == choice(STRONG), "people decide then"


def test_a_stronger_model_is_not_waited_for_while_the_usual_one_works() -> None:
    tries = [(USUAL, Outcome.NO_PICTURE), (USUAL, Outcome.NO_PICTURE), (STRONG, Outcome.NOT_SET_UP)]
    assert policy.next_choice(lineup((USUAL, STRONG)), picture(*tries)) == choice(USUAL)


@pytest.mark.parametrize(
    ("tries", "waited_for"),
    [
        ([(USUAL, Outcome.NOT_SET_UP), (OTHER, Outcome.NOT_SET_UP)], USUAL),
        ([(OTHER, Outcome.NOT_SET_UP), (USUAL, Outcome.NOT_SET_UP)], USUAL),
        ([(STRONG, Outcome.NOT_SET_UP), (OTHER, Outcome.NOT_SET_UP), (USUAL, Outcome.NOT_SET_UP)], USUAL),
    ],
)
def test_the_preferred_one_of_those_that_are_not_set_up_is_waited_for(
    tries: list[tuple[str, End]], waited_for: str
) -> None:
    waiting = policy.next_choice(lineup(ALL), picture(*tries))
    assert waiting == choice(waited_for).model_copy(update={"is_patient": True})


def test_attempts_at_a_model_that_is_not_set_up_count_once_it_was_waited_for() -> None:
    (attempt,) = picture((USUAL, Outcome.NOT_SET_UP)).attempts
    assert not policy.counts_toward_limit(attempt)
    attempt.choice = attempt.choice and attempt.choice.model_copy(update={"is_patient": True})
    assert policy.counts_toward_limit(attempt)
    attempt.outcome = Outcome.BUSY
    assert not policy.counts_toward_limit(attempt), "it was away"
