"""The rules of a dispatch: what is done next, what is told to whom, how long designers have."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.attempts.work import Adopted
from domain.designers import assignment, deadlines, questions
from domain.designers.assignment import Step
from domain.designers.details import markdown, waits_for
from domain.designers.dispatch import Assigned, DispatchState, Looked, Opened, Watched
from domain.order import inbox
from domain.texts.phrase import written
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.rules import DesignerRules
from tests.unit.domain.making import NOW, en, stored

DISPATCH = "dispatch-TASK_20261122_7K3F9Q_1"
RULES = DesignerRules()
HANDING_OUT_LEASES = DesignerRules(is_acceptance_told=True)
REQUEST = {"task_id": "TASK_20261122_7K3F9Q_1", "customer_id": "c1", "reason": "two heads"}
OF_ORDER = REQUEST | {"order_id": "ORDER_20261122_7K3F9Q"}
RESULT = "https://designer.example/1.png"


def begun(request: dict[str, Any] = OF_ORDER) -> DispatchState:
    return assignment.open_dispatch(DISPATCH, request, NOW)


def at_work(request: dict[str, Any] = OF_ORDER, rules: DesignerRules = RULES) -> DispatchState:
    """A dispatch whose designer is at work."""
    state = begun(request)
    assignment.on_opened(state, Opened(rules=rules, dispatch_task_id="T1"), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW)
    return state


def shown() -> DispatchState:
    """A dispatch whose picture lies before the customer."""
    state = at_work()
    hear(state, "designer_finished", result_url=RESULT)
    hear(state, "picture_changed", standing="shown", results=1)
    return state


def hear(state: DispatchState, signal: str, now: datetime = NOW, **payload: Any) -> None:
    assignment.handle_signal(state, signal, payload, now)


def told(state: DispatchState) -> list[str]:
    return [notice.phrase.removeprefix("staff_") for notice in state.notices]


def said_to_order(state: DispatchState) -> list[str]:
    return [str(news.payload.get("standing", news.signal)) for news in state.for_order]


def pass_time(state: DispatchState, duration: timedelta) -> None:
    while (deadline := deadlines.next_deadline(state)) and deadline[0] <= NOW + duration:
        deadlines.expire_due(state, deadline[0])


def test_the_steps_of_a_dispatch() -> None:
    state = begun()
    assert assignment.next_step(state) is Step.OPEN
    assignment.on_opened(state, Opened(rules=RULES, dispatch_task_id="T1"), NOW)
    assert assignment.next_step(state) is Step.ASSIGN
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW)
    assert assignment.next_step(state) is Step.WATCH
    assignment.on_watched(state, Watched(is_finished=True, result_url=RESULT), NOW)
    assert assignment.next_step(state) is Step.REST
    assert said_to_order(state) == ["assigned", "finished", "designer_finished"]
    hear(state, "picture_changed", standing="shown", results=1)
    assert (assignment.next_step(state), state.closing) == (Step.CLOSE, "dispatch_accepted")
    assignment.on_closed(state, NOW)
    assert assignment.next_step(state) is Step.END


@pytest.mark.parametrize(("who", "is_told"), [("staff", False), ("customer", True)])
def test_staff_hear_of_a_picture_that_somebody_else_called_off(who: str, is_told: bool) -> None:
    state = at_work()
    hear(state, "cancel_requested", requested_by=who, reason="不要了")
    assert ("designer_ended" in told(state)) is is_told
    assert state.closing == "dispatch_withdrawn"


def test_a_result_of_a_task_that_stays_open_is_shown_and_its_revision_is_the_same_task() -> None:
    state = at_work()
    assignment.on_watched(state, Watched(result_url=RESULT), NOW)
    hear(state, "picture_changed", standing="shown", results=1)
    assert (assignment.next_step(state), state.closing, state.known_result) == (Step.REST, "", RESULT)
    assert said_to_order(state) == ["assigned", "designer_finished"]
    hear(state, "picture_changed", standing="wanted", round=1, results=1, wish="再亮一点")
    assert assignment.next_step(state) is Step.LOOK
    assignment.on_looked(state, Looked(result_url=RESULT), NOW)
    assert assignment.next_step(state) is Step.ASSIGN
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW, "再亮一点")
    assert assignment.next_step(state) is Step.WATCH
    hear(state, "picture_changed", standing="accepted", round=1, results=1)
    assert (state.closing, state.is_finished_there) == ("dispatch_accepted", False)


def test_a_request_that_is_none_says_what_is_wrong() -> None:
    with pytest.raises(MalformedRequest, match="customer_id"):
        assignment.open_dispatch(DISPATCH, {"task_id": "TASK_1"}, NOW)


def test_a_request_that_names_no_order_is_none() -> None:
    with pytest.raises(MalformedRequest, match="order_id"):
        assignment.open_dispatch(DISPATCH, REQUEST | {"order_id": "4711"}, NOW)


def test_staff_are_told_who_has_it() -> None:
    state = at_work()
    assert told(state) == ["designer_assigned"]
    assert state.notices[0].values["designer"] == "橘子"
    assert state.outbox == []  # the order tells its customer


def test_a_customer_without_an_order_hears_of_the_designer() -> None:
    assert [message.phrase for message in at_work(REQUEST).outbox] == ["designer_assigned"]


def test_nobody_online_is_told_once() -> None:
    state = begun(REQUEST)
    assignment.on_opened(state, Opened(rules=RULES, dispatch_task_id="T1"), NOW)
    assignment.on_assigned(state, Assigned(), NOW)
    assignment.on_assigned(state, Assigned(), NOW)
    assert (told(state), [message.phrase for message in state.outbox]) == (["nobody_online"], ["designer_asked"])
    assert (state.is_nobody_there, en(waits_for(state))) == (True, "a designer to come online")
    assignment.on_assigned(state, Assigned(designer="婷婷"), NOW)
    assert (state.is_nobody_there, told(state)[-1]) == (False, "designer_assigned")


def test_without_a_dispatch_system_staff_find_a_designer() -> None:
    state = begun(OF_ORDER | {"image_key": "folder/original.jpg", "wishes": ["白底", "再亮一点"]})
    assignment.on_opened(state, Opened(rules=RULES), NOW)
    notice = state.notices[0]
    assert (notice.files, notice.values["wishes"]) == ({"picture": "folder/original.jpg"}, "再亮一点; 白底")
    assert (assignment.next_step(state), told(state), said_to_order(state)) == (
        Step.REST,
        ["designer_by_hand"],
        ["by_hand"],
    )
    hear(state, "designer_finished", result_key="uploads/1.png")
    assert said_to_order(state)[-1] == "designer_finished"


def by_hand(**facts: Any) -> DispatchState:
    """A dispatch without a dispatch system, whose picture lies before the customer; staff have read all so far."""
    state = begun(OF_ORDER | facts)
    assignment.on_opened(state, Opened(rules=RULES), NOW)
    hear(state, "designer_finished", result_key="uploads/1.png")
    hear(state, "picture_changed", standing="shown", results=1)
    state.notices = []
    return state


def test_without_a_dispatch_system_staff_read_what_a_revision_is_to_change() -> None:
    state, wish = by_hand(wishes=["白底"]), "再亮一点," * 40
    hear(state, "picture_changed", standing="wanted", round=1, results=1, asked=2, wish=wish)
    assert (told(state), state.notices[0].values["wishes"]) == (["designer_revision_by_hand"], f"{wish}; 白底")
    assert (assignment.next_step(state), state.is_wish_told) == (Step.REST, True)


def test_of_very_long_wishes_staff_read_the_newest() -> None:
    state = by_hand(wishes=["旧" * 2000])
    hear(state, "picture_changed", standing="wanted", round=1, results=1, asked=2, wish="新" * 500)
    shown = str(state.notices[0].values["wishes"])
    assert (len(shown), shown.count("新")) == (800, 500)


def test_without_a_dispatch_system_staff_are_asked_again_for_what_is_transferred_again() -> None:
    state = by_hand(wishes=["白底"])
    hear(state, "picture_changed", standing="wanted", results=1, asked=2)
    assert (told(state), state.notices[0].values["wishes"]) == (["designer_by_hand"], "白底")


def test_a_designer_who_does_not_accept_in_time_loses_it_to_another() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    pass_time(state, timedelta(minutes=15))
    assert (assignment.next_step(state), state.is_lease_over, state.designer) == (Step.ASSIGN, True, "橘子")
    assignment.on_assigned(state, Assigned(designer="婷婷"), NOW + timedelta(minutes=15))
    assert (state.designer, state.had_it, told(state)) == ("婷婷", ["橘子"], ["designer_assigned"] * 2)


def test_a_designer_keeps_it_where_nobody_else_is_there() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    pass_time(state, timedelta(minutes=15))
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW + timedelta(minutes=15))
    assert (told(state), state.had_it, assignment.next_step(state)) == (["designer_assigned"], [], Step.WATCH)
    deadline = deadlines.next_deadline(state)
    assert deadline == (NOW + timedelta(minutes=30), deadlines.LEASE)


def test_once_everybody_had_it_nobody_has_had_it() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    assignment.on_assigned(state, Assigned(designer="婷婷"), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW)
    assert (state.designer, state.had_it) == ("橘子", ["婷婷"])


def test_what_is_handed_in_by_somebody_who_is_not_named_is_watched() -> None:
    state = begun()
    assignment.on_opened(state, Opened(rules=RULES, dispatch_task_id="T1"), NOW)
    assignment.on_assigned(state, Assigned(is_accepted=True), NOW)
    assert assignment.next_step(state) is Step.WATCH


def test_nobody_loses_what_was_given_up() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    for number in range(200):  # it goes round and round
        moment = NOW + timedelta(minutes=15 * number)
        deadlines.expire_due(state, moment)
        if assignment.next_step(state) is Step.ASSIGN:
            assignment.on_assigned(state, Assigned(designer="婷婷" if state.designer == "橘子" else "橘子"), moment)
    assert (state.is_given_up, deadlines.next_deadline(state)) == (True, None)


def test_who_has_accepted_keeps_it() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    assignment.on_watched(state, Watched(), NOW)
    pass_time(state, timedelta(hours=1))
    assert (state.is_lease_over, said_to_order(state)[-1]) == (False, "accepted")


def test_nobody_loses_it_where_acceptance_is_not_told() -> None:
    state = at_work()
    pass_time(state, timedelta(hours=3))
    assert (state.is_lease_over, told(state)) == (False, ["designer_assigned"])


def test_late_work_is_told_to_staff_and_then_counts_as_failed_in_shop_hours() -> None:
    state = at_work()  # at six in the evening; the shop closes at eleven
    pass_time(state, timedelta(hours=4))
    assert told(state) == ["designer_assigned", "designer_late"]
    pass_time(state, timedelta(hours=24))
    assert not state.is_given_up
    pass_time(state, timedelta(days=2))
    assert (state.is_given_up, said_to_order(state)[-1], told(state)[-1]) == (True, "given_up", "designer_gave_up")
    assert assignment.next_step(state) is Step.WATCH  # whoever finishes it later is still welcome


def test_a_question_that_nobody_answers_is_closed_and_its_customer_hears_so() -> None:
    state = at_work(REQUEST)
    pass_time(state, timedelta(days=3))
    assert told(state) == ["designer_assigned", "designer_late", "question_gave_up"]
    assert [message.phrase for message in state.outbox] == ["designer_assigned", "designer_no_answer"]
    assert (assignment.next_step(state), state.closing) == (Step.CLOSE, "dispatch_withdrawn")


def test_what_was_given_up_and_is_wanted_again_goes_to_somebody_else() -> None:
    state = at_work()
    pass_time(state, timedelta(days=3))
    hear(state, "picture_changed", NOW + timedelta(days=3), standing="wanted", asked=2)
    assert (assignment.next_step(state), state.had_it, state.is_given_up) == (Step.ASSIGN, ["橘子"], False)
    deadline = deadlines.next_deadline(state)
    assert deadline is not None
    assert deadline[0] > NOW + timedelta(days=3)


def test_while_the_customer_looks_at_it_designers_have_no_deadline() -> None:
    state = shown()
    assert (deadlines.next_deadline(state), assignment.next_step(state)) == (None, Step.REST)


def test_a_revision_goes_back_to_the_same_designer_with_the_wish() -> None:
    state = shown()
    hear(state, "picture_changed", standing="wanted", round=1, results=1, asked=2, wish="再亮一点")
    assignment.on_looked(state, Looked(), NOW)
    assert (assignment.next_step(state), state.designer, state.wish) == (Step.ASSIGN, "橘子", "再亮一点")
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW, "再亮一点")
    assert (assignment.next_step(state), told(state)[-1]) == (Step.WATCH, "designer_revision")


@pytest.mark.parametrize("is_away", [True, False])
def test_staff_hear_that_who_is_to_change_a_picture_is_not_there(is_away: bool) -> None:
    state = wanted_again()
    assignment.on_looked(state, Looked(), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子", is_away=is_away), NOW, "再亮一点")
    assert told(state)[-1 - is_away :] == ["designer_revision", *["designer_away"] * is_away]


def wanted_again() -> DispatchState:
    """A dispatch whose picture lay before the customer, who wants it otherwise; nobody has looked at its task yet."""
    state = shown()
    hear(state, "picture_changed", standing="wanted", round=1, results=1, asked=2, wish="再亮一点")
    return state


def test_what_stands_in_the_task_as_it_is_wanted_otherwise_is_no_answer_to_that() -> None:
    state = wanted_again()
    assert assignment.next_step(state) is Step.LOOK
    assignment.on_looked(state, Looked(result_url=RESULT), NOW)  # it came by a signal
    assert (assignment.next_step(state), state.known_result) == (Step.ASSIGN, RESULT)
    assert "result_passed_over" not in [entry.what for entry in state.journal]


def test_what_was_handed_in_while_the_customer_looked_is_passed_over_and_on_record() -> None:
    state = wanted_again()
    state.known_result = f"{RESULT}.old"
    assignment.on_looked(state, Looked(result_url=RESULT), NOW)
    assert (state.known_result, state.journal[-1].what) == (RESULT, "result_passed_over")


def test_a_task_that_is_done_there_ends_the_dispatch_and_the_order_begins_another() -> None:
    state = wanted_again()
    assignment.on_looked(state, Looked(is_finished=True), NOW)
    assert (assignment.next_step(state), said_to_order(state)[-1]) == (Step.CLOSE, "over")
    assert state.is_finished_there
    state = wanted_again()
    assignment.on_looked(state, Looked(), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子", is_over=True), NOW, "再亮一点")
    assert (assignment.next_step(state), said_to_order(state)[-1]) == (Step.CLOSE, "over")


def test_what_was_finished_without_a_picture_and_is_asked_for_again_is_another_dispatch() -> None:
    state = at_work()
    assignment.on_watched(state, Watched(is_finished=True), NOW)
    hear(state, "picture_changed", standing="wanted", asked=2)
    assert (assignment.next_step(state), said_to_order(state)[-1]) == (Step.CLOSE, "over")


def test_what_is_given_up_and_asked_for_again_may_have_been_handed_in_just_now() -> None:
    state = at_work()
    pass_time(state, timedelta(days=3))
    hear(state, "picture_changed", NOW + timedelta(days=3), standing="wanted", asked=2)
    assert assignment.next_step(state) is Step.ASSIGN


def test_a_wish_that_came_while_the_task_was_given_is_told_once_more() -> None:
    state = shown()
    hear(state, "picture_changed", standing="wanted", round=1, results=1, asked=2, wish="再亮一点")
    hear(state, "picture_changed", standing="wanted", round=2, results=1, asked=3, wish="再暗一点")
    assignment.on_looked(state, Looked(), NOW)
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW, "再亮一点")
    assert assignment.next_step(state) is Step.ASSIGN
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW, "再暗一点")
    assert assignment.next_step(state) is Step.WATCH


def test_the_same_event_twice_is_one() -> None:
    state = at_work()
    for _ in range(2):
        hear(state, "designer_finished", event_id="done-9", result_url=RESULT)
    assert said_to_order(state) == ["assigned", "designer_finished"]
    assert state.for_order[-1].payload["event_id"] == f"{DISPATCH}-done-9"


def test_an_event_of_the_longest_name_is_heard_by_the_order() -> None:
    state = at_work()
    for end in "ab":
        hear(state, "designer_finished", event_id="e" * 254 + end, result_url=RESULT)
    read = [inbox.read(news.signal, news.payload) for news in state.for_order[-2:]]
    assert not any(isinstance(message, inbox.Unreadable) for message in read)
    assert len({news.payload["event_id"] for news in state.for_order[-2:]}) == 2


def test_a_second_answer_to_a_question_is_left_to_staff() -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", notes="能做")
    questions.answer(state, state.results[0], None, NOW)
    hear(state, "designer_finished", result_url=RESULT)
    assert (told(state)[-1], state.notices[-1].values["picture"]) == ("result_orphaned", RESULT)


def test_an_answer_that_came_while_another_was_fetched_is_left_to_staff() -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT, notes="A")
    fetched = state.results[0]
    hear(state, "designer_finished", result_url=f"{RESULT}.2", notes="B")
    made = Adopted(file=stored("A.png"), view_key="A.png", preview_key="A.jpg")
    questions.answer(state, fetched, made, NOW)
    assert state.answer is not None
    assert (state.answer.notes, state.answer.picture_key) == ("A", "A.png")
    assert (told(state)[-1], state.notices[-1].values["picture"]) == ("result_orphaned", f"{RESULT}.2")
    assert assignment.next_step(state) is Step.CLOSE


@pytest.mark.parametrize("is_picture", [True, False])
def test_what_was_fetched_all_the_same_after_a_question_was_called_off_changes_nothing(is_picture: bool) -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT)
    fetched = state.results[0]
    hear(state, "cancel_requested", requested_by="staff")
    before = state.model_copy(deep=True)
    if is_picture:
        made = Adopted(file=stored("A.png"), view_key="A.png", preview_key="A.jpg")
        questions.answer(state, fetched, made, NOW)
    else:
        questions.reject_result(state, fetched, written("not a picture"), NOW)
    assert state == before
    assert told(state).count("result_orphaned") == 1


def test_an_answer_that_is_fetched_as_the_question_is_called_off_is_left_to_staff() -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT)
    hear(state, "cancel_requested", requested_by="staff")
    assert (told(state)[-1], state.results, assignment.next_step(state)) == ("result_orphaned", [], Step.CLOSE)


def test_an_answer_that_came_while_an_unusable_one_was_fetched_is_taken_next() -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT)
    hear(state, "designer_finished", notes="B")
    questions.reject_result(state, state.results[0], written("not a picture"), NOW)
    assert (assignment.next_step(state), [result.notes for result in state.results]) == (Step.ANSWER, ["B"])


def test_a_result_that_was_no_picture_is_wanted_again() -> None:
    state = at_work()
    hear(state, "designer_finished", result_url=RESULT)
    hear(state, "picture_changed", standing="wanted", results=1)
    assert (assignment.next_step(state), state.wish) == (Step.WATCH, "")


def test_words_alone_are_no_result_for_an_order() -> None:
    state = at_work()
    hear(state, "designer_finished", notes="做好了")
    assert (told(state)[-1], assignment.next_step(state)) == ("designer_result_wanted", Step.WATCH)


@pytest.mark.parametrize("facts", [{}, {"notes": " "}, {"url": RESULT}])
def test_an_answer_that_says_nothing_is_told_to_staff_and_the_question_stays_open(facts: dict[str, Any]) -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", **facts)
    assert (told(state)[-1], assignment.next_step(state)) == ("designer_result_wanted", Step.WATCH)


def test_what_is_finished_without_a_picture_waits_for_somebody_to_hand_it_in() -> None:
    state = at_work()
    assignment.on_watched(state, Watched(is_finished=True), NOW)
    assert (told(state)[-1], assignment.next_step(state)) == ("designer_result_wanted", Step.REST)


@pytest.mark.parametrize(
    ("standing", "closing"),
    [("accepted", "dispatch_accepted"), ("cancelled", "dispatch_cancelled"), ("withdrawn", "dispatch_withdrawn")],
)
@pytest.mark.parametrize("make", [begun, at_work, shown])
def test_what_is_wanted_no_more_is_closed_whatever_it_stood_in(make: Any, standing: str, closing: str) -> None:
    state = make()
    hear(state, "picture_changed", standing=standing)
    assert (assignment.next_step(state), state.closing) == (Step.CLOSE, closing)


def test_a_cancelled_dispatch_tells_its_order() -> None:
    state = at_work()
    hear(state, "cancel_requested", requested_by="staff", reason="cancelled in Temporal")
    assert (state.closing, said_to_order(state)[-1]) == ("dispatch_withdrawn", "ended")


def test_what_the_order_could_not_hear_any_more_is_told_to_staff() -> None:
    state = at_work()
    hear(state, "designer_finished", result_url=RESULT)
    assignment.on_order_gone(state, state.for_order[-1], NOW)
    assert (told(state)[-1], state.notices[-1].values["picture"]) == ("result_orphaned", RESULT)
    assert state.closing == "dispatch_withdrawn"


def test_that_nothing_came_of_a_task_changes_nothing() -> None:
    state = at_work(rules=HANDING_OUT_LEASES)
    assignment.on_watched(state, Watched(is_unchanged=True), NOW)
    assert (state.is_accepted, assignment.next_step(state)) == (False, Step.WATCH)


def test_trouble_is_told_once() -> None:
    state = begun()
    assignment.on_trouble(state, written("503"), NOW)
    assignment.on_trouble(state, written("503"), NOW)
    assert told(state) == ["dispatch_trouble"]


@pytest.mark.parametrize(
    ("notes", "phrases"), [("能做,80元", ["image", "designer_answer_hint"]), ("", ["image", "designer_result_hint"])]
)
def test_a_question_is_answered_with_the_picture_and_the_words_of_the_designer(notes: str, phrases: list[str]) -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT, notes=notes)
    assert assignment.next_step(state) is Step.ANSWER
    made = Adopted(file=stored("result.png"), view_key="result.png", preview_key="preview.jpg")
    questions.answer(state, state.results[0], made, NOW)
    assert [message.phrase or message.kind for message in state.outbox[1:]] == phrases
    assert (assignment.next_step(state), state.closing) == (Step.CLOSE, "dispatch_answered")


def test_an_answer_that_is_no_picture_leaves_the_question_open() -> None:
    state = at_work(REQUEST)
    hear(state, "designer_finished", result_url=RESULT)
    questions.reject_result(state, state.results[0], written("not a picture"), NOW)
    assert (told(state)[-1], assignment.next_step(state)) == ("result_unusable", Step.WATCH)


@pytest.mark.parametrize("payload", [{"standing": "on fire"}, "no object", None, ["two", "payloads"]])
def test_a_signal_that_cannot_be_read_is_told_to_staff(payload: Any) -> None:
    state = at_work()
    assignment.handle_signal(state, "picture_changed", payload, NOW)
    assert (told(state)[-1], assignment.next_step(state)) == ("unreadable", Step.WATCH)


def test_the_details_tell_what_it_waits_for_and_what_happened() -> None:
    state = at_work()
    words = markdown(state)
    assert "在等:**设计师橘子做完**" in words
    assert "下一个期限:设计师超时,11-22 22:00" in words
    assert "two heads" in words


def test_a_step_that_ends_well_while_it_is_called_off_says_nothing() -> None:
    for answer in (Opened(rules=RULES, dispatch_task_id=""), Opened(rules=RULES, dispatch_task_id="T1")):
        state = begun(REQUEST)
        hear(state, "cancel_requested", requested_by="customer")
        assignment.on_opened(state, answer, NOW)
        assignment.on_assigned(state, Assigned(designer="橘子"), NOW)
        assert (told(state), state.outbox, state.dispatch_task_id) == ([], [], answer.dispatch_task_id)
        assert (state.designer, assignment.next_step(state)) == ("橘子", Step.CLOSE)


def test_a_task_that_ends_in_the_moment_in_which_anothers_result_is_shown_is_closed() -> None:
    state = at_work()
    hear(state, "picture_changed", standing="shown")
    assignment.on_watched(state, Watched(is_finished=True, result_url=RESULT), NOW)
    assert assignment.next_step(state) is Step.CLOSE
    assert any(news.signal == "designer_finished" for news in state.for_order)


@pytest.mark.parametrize("is_shown", [True, False], ids=["handed in", "at work"])
def test_who_has_a_picture_that_is_transferred_again_hears_why(is_shown: bool) -> None:
    state = shown() if is_shown else at_work()
    why = written("客户说脸不像").model_dump()
    hear(state, "picture_changed", standing="wanted", results=int(is_shown), asked=2, why=why)
    if is_shown:
        assert assignment.next_step(state) is Step.LOOK
        assignment.on_looked(state, Looked(), NOW)
    assert (assignment.next_step(state), state.wish) == (Step.ASSIGN, "客户说脸不像")
    assignment.on_assigned(state, Assigned(designer="橘子"), NOW, state.wish)
    assert assignment.next_step(state) is Step.WATCH
    assert (told(state)[-1], state.notices[-1].values["wish"]) == ("designer_revision", "客户说脸不像")
