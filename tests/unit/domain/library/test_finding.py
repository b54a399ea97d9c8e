"""Looking for a picture: what is asked, and what nobody else's picture may tell."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.library import details, finding
from domain.library.finding import FindRequest, Found, Looked, Match
from domain.library.photos import Asker, Hit, Search
from domain.texts.phrase import written
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from tests.unit.domain.making import en

ASKED: dict[str, Any] = {"customer_id": "wang", "words": "橘猫"}
SEARCH = Search(Asker("wang", ""), tags=["猫"])
OWN = Hit(
    photo_id="p-1", kind="original", key="task-history/wang/TASK_20261122_7K3F9Q_2/original.jpg", shown_key=None,
    width=8, height=6, is_own=True, is_delivered=False, task_id="TASK_20261122_7K3F9Q_2", tags=["王女士", "猫"],
)  # fmt: skip
RESULT = replace(OWN, kind="result", key="task-history/wang/TASK_20261122_7K3F9Q_2/attempt-1-generated.psd")
OF_ANOTHER = replace(OWN, is_own=False, shown_key="library/3f2a.jpg")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"customer_id": ""}, "customer_id"), ({"words": "", "tags": []}, "give a picture"), ({"limit": 99}, "limit"),
        ({"limit": "many"}, "limit"), ({"tags": [["t"]]}, "tags"),
    ],
)  # fmt: skip
def test_what_is_no_search_says_which_field_is_wrong(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(MalformedRequest, match=f"invalid search request(.|\n)*{said}"):
        finding.read_request(ASKED | wrong)


def test_a_search_is_read_leniently() -> None:
    read = finding.read_request({"customer_id": 7, "tags": "猫, 狗", "limit": "3", "words": None, "mood": "hurried"})
    assert (read.customer_id, read.tags, read.limit, read.transfer_if_none) == ("7", ["猫", "狗"], 3, True)


def test_the_owner_sees_the_original_itself() -> None:
    assert finding.visible_file(OWN) == (OWN.key, "original.jpg")


def test_a_result_that_is_not_delivered_is_seen_as_the_preview_even_by_its_owner() -> None:
    key, _ = finding.visible_file(RESULT)
    assert key == "task-history/wang/TASK_20261122_7K3F9Q_2/attempt-1-preview.jpg"
    assert ids.order_of_file(key) is None, "looking at it is no word on the order"


def test_a_delivered_result_is_the_file_under_the_name_of_its_order() -> None:
    assert finding.visible_file(replace(RESULT, is_delivered=True)) == (RESULT.key, "ORDER_20261122_7K3F9Q_2.psd")


@pytest.mark.parametrize("hit", [OF_ANOTHER, replace(OF_ANOTHER, kind="result", is_delivered=True)])
def test_of_somebody_else_only_the_neutral_copy_is_seen_and_only_the_asked_tags_are_told(hit: Hit) -> None:
    assert finding.visible_file(hit) == ("library/3f2a.jpg", "3f2a.jpg")
    assert finding.visible_tags(hit, SEARCH) == ["猫"]
    assert finding.visible_tags(hit, replace(SEARCH, tags=["王"], words="一只猫")) == ["猫"]
    assert finding.visible_tags(hit, replace(SEARCH, tags=["王"])) == [], "nobody learns a name by its beginning"
    assert finding.visible_tags(OWN, SEARCH) == ["王女士", "猫"]


def test_designers_are_asked_with_the_words_and_a_picture_that_can_be_had() -> None:
    request = FindRequest(**ASKED, tags=["白底"], image_url="https://shop.example/1.jpg")
    asked = finding.designer_question("FIND_20261122_7K3F9Q", request, Looked(likeness="0" * 16))
    assert asked.task_id == "TRANSFER_FIND_20261122_7K3F9Q"
    assert en(asked.because) == "nothing similar found in the library: 橘猫; 白底"
    assert asked.image_url == "https://shop.example/1.jpg"
    assert finding.designer_question("F", request, Looked(refused="a private address")).image_url is None


def test_ids_of_a_search_come_from_one_place() -> None:
    find_id = ids.find_id(datetime(2026, 11, 22), bytes(6))  # noqa: DTZ001 - a day of the shop's calendar
    assert find_id == "FIND_20261122_222222"
    assert ids.find_of(ids.find_workflow_id(find_id)) == find_id
    assert ids.find_workflow_id(find_id) == "find-FIND_20261122_222222"


def test_names_that_others_give_to_searches_lead_to_different_questions() -> None:
    assert ids.transfer_of_find("chat_7") == "TRANSFER_chat_7"
    questions = {ids.transfer_of_find(name) for name in ("chat_7", "chat-7", "chat 7", "chat/7")}
    assert len(questions) == 4


def test_a_very_long_name_of_a_search_leads_to_a_question_of_its_own_that_can_be_named() -> None:
    questions = {ids.transfer_of_find("x" * 900 + end) for end in "ab"}
    assert len(questions) == 2
    for question in questions:
        assert ids.dispatch_named(question) == ids.dispatch_id(question)


def test_the_web_ui_tells_what_was_found() -> None:
    request = FindRequest(**ASKED, image_url="https://shop.example/1.jpg")
    match = Match(photo_id="p-1", link="https://x/d/t", distance=3, kind="result", is_own=True, width=1, height=1)
    told = details.markdown(request, Found(matches=[match]), "en")
    assert "wang 🔍 🖼; 橘猫" in told
    assert "p-1 result, distance 3, customer's own" in told
    assert "https://x/d/t" not in told, "a link opens the file for whoever reads it"
    assert "dispatch-T" in details.markdown(request, Found(transfer_id="T", refused=written("404")), "en")
