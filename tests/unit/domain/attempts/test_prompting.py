import pytest

from domain.attempts.prompting import TASKS, aspect_ratio, prompt
from domain.order.picture import Note
from domain.vocabulary.pictures import Analysis, Operation, TargetSize
from tests.unit.domain.making import NOW, attempt, customer_says, send, shown_order, working_order


def test_every_operation_has_a_task() -> None:
    assert set(TASKS) == set(Operation)


def test_a_prompt_holds_the_task_the_analysis_the_words_and_every_revision_in_full() -> None:
    order = shown_order()
    picture = order.live[0]
    picture.notes, picture.requirements = [Note(at=NOW, text="帮我弄清晰")], ["保留胎记"]
    picture.analysis = Analysis(prompt="a portrait", perspective="straighten the door")
    customer_says(order, "不对,太暗")
    assert prompt(picture).splitlines() == [
        TASKS[Operation.ENHANCE],
        "a portrait",
        "Correct the perspective: straighten the door.",
        "帮我弄清晰",
        "保留胎记",
        "【客户修改要求】不对,太暗",
    ]


def test_a_retry_is_told_what_the_last_check_found() -> None:
    picture = working_order().live[0]
    attempt(picture, 40, issue="the hand has six fingers.")
    attempt(picture, None, "ModelAnswerUnusable")
    assert "not good enough: the hand has six fingers. Avoid" in prompt(picture)


def test_a_new_round_starts_without_the_findings_of_the_last() -> None:
    order = shown_order()
    order.live[0].attempts[0].look.issue = "blurred"
    customer_says(order, "不对,太暗")
    assert "blurred" not in prompt(order.live[0])


def test_no_address_reaches_a_model() -> None:
    order = shown_order()
    order.live[0].notes = [Note(at=NOW, text="修好发 wang@example.com")]
    send(order, "revision_requested", note="太暗,发 Li艾特Example.com 或 12@qq")
    assert "@" not in prompt(order.live[0])
    assert "example" not in prompt(order.live[0]).lower()
    assert "太暗" in prompt(order.live[0])


@pytest.mark.parametrize(("ratio", "asked_for"), [("9:16", "9:16"), ("1:1", "4:3"), ("", "4:3"), ("像原图", "4:3")])
def test_the_ratio_is_the_analysis_where_it_names_one_that_models_know_else_the_originals(
    ratio: str, asked_for: str
) -> None:
    picture = working_order().live[0]
    picture.analysis.aspect_ratio = ratio
    assert aspect_ratio(picture) == asked_for


def test_a_stated_size_decides_the_ratio() -> None:
    picture = working_order().live[0]
    picture.size = TargetSize(width=1080, height=1920)
    assert aspect_ratio(picture) == "9:16"
