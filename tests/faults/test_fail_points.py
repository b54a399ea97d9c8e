"""The worker ends at each place between an outside effect and its answer: the order ends as if it had not."""

import pytest

from tests.faults import crashes
from tests.faults.conftest import Place
from tests.faults.crashes import Case, Ends
from tests.faults.stories import called_off, made_by_a_designer, made_by_a_model

MODEL = [
    "storage.put",
    "vision.analyse",
    "postgres.close_call",
    "activity.examine",
    "postgres.save",
    "bot.hint",
    "activity.report",
    "staff.tell",
    "activity.tell_staff",
    "postgres.save_result",
    "vision.score",
    "postgres.save_check",
    "activity.produce",
    "bot.send_image",
    "bot.send_text",
]
DESIGNER = [
    "postgres.opened",
    "activity.open_dispatch",
    "dispatch.assign",
    "postgres.assigned",
    "activity.assign_designer",
    "activity.watch_dispatch",
    "activity.adopt",
]
CLOSING = ["dispatch.complete", "postgres.closed", "activity.close_dispatch"]  # while the letter may be on its way
CALLED_OFF = ["dispatch.cancel", "activity.close_dispatch", "activity.keep_late_event"]
CASES = [
    *(Case(at, made_by_a_model) for at in MODEL),
    Case("postgres.open_call:2", made_by_a_model, possibly=1),  # nobody can know whether the call was made
    Case("model.generate", made_by_a_model, billed=1, possibly=1),
    Case("activity.mail", made_by_a_model, letters=1),
    *(Case(at, made_by_a_designer) for at in DESIGNER),
    *(Case(at, made_by_a_designer, letters=1) for at in CLOSING),
    *(Case(at, called_off) for at in CALLED_OFF),
]


@pytest.fixture(scope="module")
async def ends(place: Place, request: pytest.FixtureRequest) -> Ends:
    chosen = {item.name for item in request.session.items}
    return await crashes.play_all(place, (case for case in CASES if any(f"[{case}]" in name for name in chosen)))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_order_ends_as_if_its_worker_had_not(ends: Ends, case: Case) -> None:
    crashes.assert_ended_well(ends, case)
