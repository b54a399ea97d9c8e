"""The three effects that must not happen twice: the worker ends after each, before it is noted. Part of `make test`."""

import pytest

from tests.faults import crashes
from tests.faults.conftest import Place
from tests.faults.crashes import Case, Ends
from tests.faults.stories import made_by_a_designer, made_by_a_model

CASES = [
    Case("storage.put:4", made_by_a_model),  # the picture that was paid for; what precedes it is tested in full
    Case("mail.send", made_by_a_model, letters=1),
    Case("dispatch.create", made_by_a_designer),
]


@pytest.fixture(scope="module")
async def ends(place: Place) -> Ends:
    return await crashes.play_all(place, CASES)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_charge_a_letter_and_a_task_of_designers_happen_once(ends: Ends, case: Case) -> None:
    crashes.assert_ended_well(ends, case)
