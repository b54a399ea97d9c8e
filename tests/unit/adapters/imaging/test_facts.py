import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.imaging.check.facts import (
    FAILED,
    SLIGHT,
    Fact,
    FailureKind,
    as_recorded,
    at_least,
    at_most,
    must,
    score_of,
    worst_of,
)
from domain.texts.phrase import said

ISSUE = said("check.framing")


def noise(value: float) -> Fact:
    return at_most("noise", value, 4, FailureKind.DAMAGE, ISSUE)


def gain(value: float) -> Fact:
    return at_least("gain", value, 4, FailureKind.REQUEST, ISSUE)


@pytest.mark.parametrize(
    ("fact", "is_fine", "points"),
    [
        (noise(0), True, 0),
        (noise(3), True, 0),
        (noise(4), True, SLIGHT),
        (noise(4.001), False, FAILED),
        (gain(5.4), True, 0),
        (gain(4), True, SLIGHT),
        (gain(3.999), False, FAILED),
        (gain(0), False, 80),
        (must("alpha", True, FailureKind.FILE, ISSUE), True, 0),
        (must("alpha", False, FailureKind.FILE, ISSUE), False, 80),
    ],
)
def test_a_fact_costs_points_by_its_distance_from_the_limit(fact: Fact, is_fine: bool, points: int) -> None:
    assert (fact.is_fine, fact.points) == (is_fine, points)


@given(st.lists(st.floats(0, 100)), st.lists(st.floats(0, 100)))
def test_a_score_tells_whether_something_failed_and_more_faults_never_raise_it(
    some: list[float], more: list[float]
) -> None:
    facts, all_facts = [noise(value) for value in some], [noise(value) for value in some + more]
    assert 0 <= score_of(all_facts) <= score_of(facts) <= 100
    assert (score_of(facts) >= 80) == all(fact.is_fine for fact in facts)
    assert (score_of(facts) <= 55) == (worst_of(facts) is not None)


def test_the_records_hold_values_and_details_by_name() -> None:
    facts = [noise(1.23456), must("layers", True, FailureKind.FILE, ISSUE, names=["a"])]
    assert as_recorded(facts) == {"noise": 1.2346, "layers": 1.0, "names": ["a"]}
