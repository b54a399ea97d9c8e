import pytest

from domain.attempts.work import Examined
from domain.story import consequences, delivering, progress
from domain.texts.phrase import said, written
from domain.vocabulary.pictures import Complexity, Operation, TargetSize
from domain.vocabulary.status import Status
from tests.unit.domain.making import (
    LINEUP,
    NOW,
    accepted_order,
    attempt,
    customer_says,
    en,
    examine,
    give_up,
    happened,
    letter_of,
    make,
    new_order,
    phrases,
    post,
    quoted_order,
    send,
    shown_order,
    statuses,
    stored,
    told,
    working_order,
)

S = Status


def test_what_is_no_picture_leaves_the_order_and_is_said() -> None:
    order = new_order(pictures=2)
    progress.examined(order, order.pictures[0], Examined(refused="cut off"), NOW)
    assert statuses(order) == [S.CANCELLED, S.PENDING]
    assert order.pictures[0].is_examined
    assert phrases(order) == ["picture_unreadable"]


@pytest.mark.parametrize("more", ["frames", "pages"])
def test_a_customer_hears_that_only_the_first_picture_of_a_file_is_used(more: str) -> None:
    order = new_order()
    progress.examined(order, order.pictures[0], Examined(original=stored("original"), more=more), NOW)
    assert f"first_of_{more}" in phrases(order)


@pytest.mark.parametrize(
    ("size", "words", "is_asked"),
    [((100, 100), "", True), ((60, 80), "", True), ((100, 100), "铺满", False), ((128, 96), "", False)],
)
def test_a_customer_is_asked_before_a_picture_is_cut(size: tuple[int, int], words: str, is_asked: bool) -> None:
    order = working_order()
    picture = order.live[0]
    picture.size, picture.requirements = TargetSize(width=size[0], height=size[1]), [words]
    make(order, picture)
    assert ("edges_left" in phrases(order)) is is_asked


def test_paper_is_ordered_as_the_picture_lies() -> None:
    picture = working_order().live[0]
    picture.size = TargetSize(width=60, height=80, is_paper=True)
    assert (picture.wanted_size.width, picture.wanted_size.height) == (80, 60)


def test_the_bots_analysis_comes_before_the_machines() -> None:
    order = new_order()
    send(order, "analysis_received", complexity="hard")
    examine(order, order.live[0], complexity=Complexity.SIMPLE)
    assert order.live[0].analysis.complexity is Complexity.HARD


@pytest.mark.parametrize(
    ("proc_type", "operation"), [("remove_bg", Operation.REMOVE_BG), ("fly", Operation.EDIT), ("", Operation.EDIT)]
)
def test_words_that_name_no_operation_are_an_edit_unless_the_analysis_knows_better(
    proc_type: str, operation: Operation
) -> None:
    order = new_order(pictures=0)
    send(order, "image_received", image_url="https://shop.example/1.jpg", note="给猫戴帽子")
    examine(order, order.live[0], proc_type=proc_type)
    assert order.live[0].operation is operation


def test_a_quote_is_told_once_and_anew_when_it_changes() -> None:
    order = quoted_order()
    consequences.apply_rules(order, NOW)
    assert [quote.version for quote in order.quotes] == [1]
    send(order, "analysis_received", complexity="hard")
    assert [quote.span for quote in order.quotes] == ["15.00-20.00", "25.00-30.00"]
    assert phrases(order) == ["quote_hint", "quote_changed_hint"]
    assert order.outbox[-1].values["reasons"] == [said("price.hard", operation="enhance", span="25.00-30.00")]
    assert order.outbox[-1].values["before"] == "15.00-20.00"


def test_nothing_is_quoted_without_a_picture_or_after_payment() -> None:
    empty, paid = new_order(pictures=0), working_order()
    send(paid, "analysis_received", complexity="hard")
    for order in (empty, paid):
        quotes = len(order.quotes)
        consequences.apply_rules(order, NOW)
        assert len(order.quotes) == quotes


def test_the_customer_is_asked_for_a_word_once_all_pictures_are_shown() -> None:
    order = working_order(pictures=2)
    make(order, order.live[0])
    assert "preview_hint" not in phrases(order)
    make(order, order.live[1])
    assert phrases(order)[-3:] == ["image", "image", "preview_hint"]


def test_the_customer_is_asked_for_a_word_when_the_last_picture_goes_to_designers() -> None:
    order = working_order(pictures=2)
    make(order, order.live[0])
    give_up(order, order.live[1], "refused for safety")
    consequences.apply_rules(order, NOW)
    assert statuses(order) == [S.AWAITING_CONFIRM, S.WITH_DESIGNER]
    assert phrases(order)[-2:] == ["please_wait", "preview_hint"]
    assert order.live[1].error == written("refused for safety")


def test_a_failed_only_picture_asks_the_customer_to_wait() -> None:
    order = working_order()
    give_up(order, order.live[0], "refused")
    assert phrases(order)[-1] == "please_wait"


def test_an_attempt_is_on_record_with_its_score() -> None:
    order = working_order()
    progress.attempted(order, order.live[0], attempt(order.live[0], 55, issue="blurred"), NOW)
    facts = order.journal[-1].facts
    assert (facts["score"], en(facts["issue"])) == (55, "blurred")


def test_a_letter_is_due_when_all_is_accepted_and_the_address_known() -> None:
    order = shown_order(pictures=2)
    assert not delivering.is_deliverable(order)
    customer_says(order, "第一张可以")
    send(order, "email_provided", email="wang@example.com")
    assert delivering.is_deliverable(order)
    send(order, "revision_requested", note="太暗", task_id=order.pictures[1].task_id)
    assert not delivering.is_deliverable(order)


def test_a_letter_that_went_out_completes_the_order() -> None:
    order = accepted_order(pictures=2)
    post(order)
    assert order.status is S.COMPLETED
    assert (order.deliveries, order.email_status, order.completed_at) == (1, "sent", NOW)
    assert phrases(order)[-1] == "mail_sent"
    assert not delivering.is_deliverable(order)


def test_a_refused_address_is_asked_for_again_and_another_one_does() -> None:
    order = accepted_order()
    post(order, refused=True)
    assert (order.email, order.email_status, phrases(order)[-1]) == (None, "refused", "mail_refused")
    customer_says(order, "li@example.com")
    assert delivering.is_deliverable(order)
    post(order)
    assert (order.status, order.email_status) == (S.COMPLETED, "sent")


def test_a_refusal_while_the_letter_goes_out_is_not_overrun_by_it() -> None:
    order = accepted_order()
    letter = letter_of(order)
    customer_says(order, "不对,太暗")
    post(order, letter)
    assert statuses(order) == [S.PROCESSING]
    assert order.deliveries == 1
    make(order, order.live[0])
    assert not delivering.is_deliverable(order)


def test_a_letter_with_an_old_result_does_not_complete_the_new_one() -> None:
    order = accepted_order()
    old = letter_of(order)
    customer_says(order, "不对,太暗")
    make(order, order.live[0])
    customer_says(order, "可以")
    post(order, old)
    assert statuses(order) == [S.AWAITING_CONFIRM]
    assert delivering.is_deliverable(order)


@pytest.mark.parametrize("refused", [True, False])
def test_an_address_that_changed_while_the_letter_went_out_gets_one_of_its_own(refused: bool) -> None:
    order = accepted_order()
    old = letter_of(order)
    customer_says(order, "li@example.com")
    post(order, old, refused=refused)
    assert (order.email, delivering.is_deliverable(order)) == ("li@example.com", True)
    assert "mail_refused" not in phrases(order)
    post(order)
    assert order.status is S.COMPLETED


def test_a_reworked_picture_is_delivered_beside_the_finished_ones() -> None:
    order = accepted_order(pictures=2)
    post(order)
    send(order, "revision_requested", note="太暗", task_id=order.pictures[0].task_id)
    make(order, order.pictures[0])
    customer_says(order, "可以")
    post(order)
    assert order.status is S.COMPLETED
    assert order.deliveries == 2


def test_files_are_named_for_the_order_and_counted() -> None:
    order = accepted_order(pictures=2)
    order.pictures[1].result.file = stored("somewhere/result.psd")
    assert [file.filename for file in delivering.files(order)] == [f"{order.order_id}_1.png", f"{order.order_id}_2.psd"]


def test_only_a_paid_picture_is_started() -> None:
    order = quoted_order()
    progress.start(order, order.live[0], NOW)
    assert statuses(order) == [S.PENDING]
    assert "status_changed" not in happened(order)


def test_pictures_that_come_upon_a_shut_model_in_one_moment_are_told_of_once() -> None:
    order = working_order(pictures=3)
    order.lineup = LINEUP
    for picture in order.live[:2]:
        attempt(picture, score=None, error_type="ModelNotSetUp").is_news = False  # another order's trouble, too
    for picture in order.live[:2]:
        progress.wait_for_model(order, picture, NOW)
    assert (phrases(order).count("please_wait"), told(order).count("model_not_set_up")) == (1, 1)


def test_staff_hear_once_whichever_picture_brings_the_news_of_a_shut_model() -> None:
    order = working_order(pictures=2)
    order.lineup = LINEUP
    for picture, is_news in zip(order.live, (False, True), strict=True):
        ended = attempt(picture, score=None, error_type="ModelNotSetUp")
        ended.is_news = is_news
        progress.attempted(order, picture, ended, NOW)
        progress.wait_for_model(order, picture, NOW)
    assert told(order).count("model_not_set_up") == 1


def test_the_trail_tells_which_file_was_made_from_which_by_which_prompt() -> None:
    order = working_order()
    made = attempt(order.live[0])
    made.prompt_hash = "1f2e3d4c5b6a"
    progress.attempted(order, order.live[0], made, NOW)
    facts = order.journal[-1].facts
    assert (facts["original_hash"], facts["file_hash"], facts["prompt_hash"]) == ("0" * 64, "0" * 64, "1f2e3d4c5b6a")
    assert facts["model"] == "gemini-image"


@pytest.mark.parametrize(("issue", "is_told"), [("handed_in.not_marked", True), ("check.unchanged", False)])
def test_staff_hear_of_a_result_of_others_that_shows_no_label(issue: str, is_told: bool) -> None:
    order = working_order()
    picture = order.live[0]
    send(order, "result_submitted", result_url="https://designer.example/1.psd", source="another AI")
    made, offered = attempt(picture), picture.submission
    assert offered is not None
    made.result.issue = said(issue)
    progress.adopted(order, picture, offered, made, NOW)
    assert picture.status is Status.AWAITING_CONFIRM
    assert ("staff_label_missing" in [notice.phrase for notice in order.notices]) is is_told
