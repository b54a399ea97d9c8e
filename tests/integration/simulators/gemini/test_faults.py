"""Gemini's faults on demand: what each looks like on the wire, and what the ledger says of the call."""

import base64
import hashlib
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.integration.simulators.gemini.test_app import (
    IMAGE_MODEL,
    VISION_MODEL,
    ask,
    picture_in,
    request,
    request_picture,
    request_score,
    score_in,
)
from tests.integration.simulators_fixtures import GEMINI_KEY, Simulators, encoded, photograph

PHOTO = encoded(photograph())
PICTURE = request_picture("sharper", PHOTO, imageSize="512")
SCHEMA = {"type": "object", "properties": {"complexity": {"type": "string"}}}
ANALYSIS = request("look", PHOTO, responseMimeType="application/json", responseJsonSchema=SCHEMA)
PROMPT_TOKENS = 2 + 1120


@pytest.fixture(autouse=True)
def no_fault_is_left(simulators: Simulators) -> Iterator[None]:
    """Each test begins without faults, and the simulators still answer after it."""
    simulators.call("DELETE", "gemini/faults")
    yield
    assert simulators.call("DELETE", "gemini/faults").json()["waiting"] == []
    response = ask(simulators, PICTURE)
    assert picture_in(response).size == (632, 424)
    assert (last(simulators)["fault"], last(simulators)["billed"]) == (None, True)


def want(simulators: Simulators, fault: str, **parameters: Any) -> httpx.Response:
    return simulators.call("POST", "gemini/faults", json={"fault": fault, **parameters})


def faulty(simulators: Simulators, fault: str, **parameters: Any) -> httpx.Response:
    """Ask for a picture under a fault."""
    assert want(simulators, fault, **parameters).is_success
    return ask(simulators, PICTURE)


def call(simulators: Simulators) -> dict[str, Any]:
    """Return a call for a picture, for those who make it in a way of their own."""
    url = f"{simulators.gemini_url}/v1beta/models/{IMAGE_MODEL}:generateContent"
    return {"url": url, "json": PICTURE, "headers": {"x-goog-api-key": GEMINI_KEY}}


def last(simulators: Simulators) -> dict[str, Any]:
    return simulators.ledger("gemini")[-1]


def candidate(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200
    (only,) = response.json()["candidates"]
    return dict(only)


def pictures_in(response: httpx.Response) -> list[bytes]:
    parts = candidate(response)["content"]["parts"]
    return [base64.b64decode(part["inlineData"]["data"], validate=True) for part in parts]


def sharpness(data: bytes) -> float:
    return float(np.abs(np.diff(np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float))).mean())


@pytest.mark.parametrize(
    ("fault", "code", "status", "billed"),
    [
        ("busy", 429, "RESOURCE_EXHAUSTED", False),
        ("internal", 500, "INTERNAL", False),
        ("unavailable", 503, "UNAVAILABLE", False),
        ("deadline", 504, "DEADLINE_EXCEEDED", True),
        ("expired_key", 400, "INVALID_ARGUMENT", False),
        ("forbidden", 403, "PERMISSION_DENIED", False),
        ("no_model", 404, "NOT_FOUND", False),
        ("bad_input", 400, "INVALID_ARGUMENT", False),
        ("retry", 400, "INVALID_ARGUMENT", False),
        ("aborted", 409, "ABORTED", False),
        ("cancelled", 499, "CANCELLED", True),
    ],
)
def test_an_error_looks_as_googles_do(simulators: Simulators, fault: str, code: int, status: str, billed: bool) -> None:
    response = faulty(simulators, fault)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["status"]) == (code, code, status)
    assert ("details" in error) == (fault == "expired_key")
    entry = last(simulators)
    assert (entry["kind"], entry["fault"], entry["status"], entry["billed"]) == ("image", fault, code, billed)
    assert (entry["response_id"], entry["usage"]) == (None, None)


def test_who_is_busy_says_how_long(simulators: Simulators) -> None:
    (detail,) = faulty(simulators, "busy", seconds=17).json()["error"]["details"]
    assert detail == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
    assert "retryDelay" not in faulty(simulators, "busy").text


def test_an_expired_key_is_an_invalid_one(simulators: Simulators) -> None:
    error = faulty(simulators, "expired_key").json()["error"]
    assert error["message"] == "API key expired. Please renew the API key."
    assert error["details"][0]["reason"] == "API_KEY_INVALID"


def test_a_call_that_hangs_is_billed_before_its_caller_gives_up(simulators: Simulators) -> None:
    assert want(simulators, "hang").is_success
    earlier = len(simulators.ledger("gemini"))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(**call(simulators), timeout=1)
    entry = simulators.next_entry("gemini", earlier)
    assert (entry["fault"], entry["billed"]) == ("hang", True)


def test_who_waits_long_enough_is_told_of_a_time_out(simulators: Simulators) -> None:
    response = faulty(simulators, "hang", seconds=0.1)
    assert (response.status_code, last(simulators)["status"]) == (504, 504)


def test_a_drip_begins_well_and_never_ends(simulators: Simulators) -> None:
    assert want(simulators, "drip").is_success
    with httpx.stream("POST", **call(simulators)) as response:
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        started, drops = time.monotonic(), response.iter_raw()
        assert b"".join(next(drops) for _ in range(5)).strip() == b""
        assert time.monotonic() - started > 0.1
    assert (last(simulators)["fault"], last(simulators)["billed"]) == ("drip", True)


def test_an_answer_is_cut_in_its_middle(simulators: Simulators) -> None:
    assert want(simulators, "cut").is_success
    with httpx.stream("POST", **call(simulators)) as response, pytest.raises(httpx.RemoteProtocolError):
        response.read()
    assert response.status_code == 200
    assert response.num_bytes_downloaded == int(response.headers["content-length"]) // 2
    entry = last(simulators)
    assert (entry["fault"], entry["billed"], entry["finish_reason"]) == ("cut", True, "STOP")
    assert entry["response_id"]


def test_garbage_is_half_a_json(simulators: Simulators) -> None:
    response = faulty(simulators, "garbage")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text.startswith('{"candidates":')
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert last(simulators)["billed"]


def test_a_page_comes_with_status_200(simulators: Simulators) -> None:
    response = faulty(simulators, "html")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (last(simulators)["status"], last(simulators)["billed"]) == (200, True)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"fault": "no_picture"}, "NO_IMAGE"),
        ({"fault": "no_picture", "reason": "MAX_TOKENS"}, "MAX_TOKENS"),
        ({"fault": "refused"}, "IMAGE_SAFETY"),
        ({"fault": "refused", "reason": "PROHIBITED_CONTENT"}, "PROHIBITED_CONTENT"),
    ],
)
def test_an_answer_without_a_picture_costs_its_prompt(
    simulators: Simulators, wanted: dict[str, Any], reason: str
) -> None:
    response = faulty(simulators, **wanted)
    assert candidate(response) == {"finishReason": reason, "index": 0}
    used = response.json()["usageMetadata"]
    assert (used["promptTokenCount"], used["totalTokenCount"]) == (PROMPT_TOKENS, PROMPT_TOKENS)
    entry = last(simulators)
    assert (entry["finish_reason"], entry["billed"], entry["usage"]) == (reason, True, used)


@pytest.mark.parametrize("parameters", [{}, {"reason": "PROHIBITED_CONTENT"}])
def test_a_blocked_prompt_has_no_candidate(simulators: Simulators, parameters: dict[str, str]) -> None:
    body = faulty(simulators, "blocked", **parameters).json()
    reason = parameters.get("reason", "SAFETY")
    assert body["promptFeedback"] == {"blockReason": reason}
    assert "candidates" not in body
    assert body["usageMetadata"]["totalTokenCount"] == PROMPT_TOKENS
    entry = last(simulators)
    assert (entry["status"], entry["billed"], entry["finish_reason"]) == (200, True, reason)


def test_words_come_instead_of_a_picture_or_of_json(simulators: Simulators) -> None:
    assert want(simulators, "text", times=2).is_success
    for body, model in ((PICTURE, IMAGE_MODEL), (ANALYSIS, VISION_MODEL)):
        said = candidate(ask(simulators, body, model))
        assert said["finishReason"] == "STOP"
        (part,) = said["content"]["parts"]
        with pytest.raises(json.JSONDecodeError):
            json.loads(part["text"])
        assert last(simulators)["billed"]


def test_a_truncated_picture_cannot_be_decoded(simulators: Simulators) -> None:
    (data,) = pictures_in(faulty(simulators, "truncated"))
    picture = Image.open(io.BytesIO(data))  # its head is whole
    with pytest.raises(OSError, match="truncated"):
        picture.load()


def test_the_same_picture_comes_back_byte_by_byte(simulators: Simulators) -> None:
    response = faulty(simulators, "same")
    assert pictures_in(response) == [PHOTO]
    assert candidate(response)["content"]["parts"][0]["inlineData"]["mimeType"] == "image/png"


def test_a_picture_has_another_size_than_was_asked_for(simulators: Simulators) -> None:
    assert picture_in(faulty(simulators, "wrong_size")).size == (256, 512)


def test_a_blurred_picture_is_worse_and_scores_so(simulators: Simulators) -> None:
    (good,) = pictures_in(ask(simulators, PICTURE))
    (blurred,) = pictures_in(faulty(simulators, "blurred"))
    assert sharpness(blurred) < sharpness(good) / 2
    assert score_in(ask(simulators, request_score(PHOTO, blurred), VISION_MODEL)) < 70


def test_two_pictures_are_counted_twice_and_the_second_is_worse(simulators: Simulators) -> None:
    response = faulty(simulators, "two")
    first, second = pictures_in(response)
    assert sharpness(second) < sharpness(first) / 2
    assert response.json()["usageMetadata"]["candidatesTokenCount"] == 2 * 747


def test_a_thought_with_a_picture_comes_before_the_picture(simulators: Simulators) -> None:
    response = faulty(simulators, "thoughts")
    interim, final = pictures_in(response)
    assert [part.get("thought") for part in candidate(response)["content"]["parts"]] == [True, None]
    assert sharpness(interim) < sharpness(final) / 2
    used = response.json()["usageMetadata"]
    assert used["thoughtsTokenCount"] > 0
    assert used["totalTokenCount"] == PROMPT_TOKENS + 747 + used["thoughtsTokenCount"]


@pytest.mark.parametrize("fault", ["truncated", "same", "wrong_size", "blurred", "two", "thoughts"])
def test_a_spoiled_picture_is_billed_as_any_other(simulators: Simulators, fault: str) -> None:
    body = faulty(simulators, fault).json()
    entry = last(simulators)
    assert (entry["fault"], entry["status"], entry["billed"]) == (fault, 200, True)
    assert (entry["response_id"], entry["usage"]) == (body["responseId"], body["usageMetadata"])


def test_a_result_scores_what_is_wanted(simulators: Simulators) -> None:
    assert want(simulators, "score", score=41).is_success
    assert want(simulators, "score", score=55, issue="偏色", next_step="designer").is_success
    ask(simulators, PICTURE)
    scores = [ask(simulators, request_score(PHOTO, PHOTO), VISION_MODEL) for _ in range(2)]
    assert [json.loads(candidate(score)["content"]["parts"][0]["text"]) for score in scores] == [
        {"score": 41, "issue": "看起来不自然", "next_step": "repair_prompt"},
        {"score": 55, "issue": "偏色", "next_step": "designer"},
    ]
    assert [(entry["kind"], entry["fault"]) for entry in simulators.ledger("gemini")[-3:]] == [
        ("image", None), ("score", "score"), ("score", "score"),
    ]  # fmt: skip


def test_faults_come_in_turn_each_to_the_kind_it_is_for(simulators: Simulators) -> None:
    want(simulators, "busy", kind="analysis")
    want(simulators, "internal", times=2, kind="image")
    want(simulators, "unavailable")
    assert [ask(simulators, PICTURE).status_code for _ in range(4)] == [500, 500, 503, 200]
    assert [ask(simulators, ANALYSIS, VISION_MODEL).status_code for _ in range(2)] == [429, 200]


def test_a_picture_fault_for_any_call_waits_for_a_picture(simulators: Simulators) -> None:
    want(simulators, "same")
    assert json.loads(candidate(ask(simulators, ANALYSIS, VISION_MODEL))["content"]["parts"][0]["text"])
    assert pictures_in(ask(simulators, PICTURE)) == [PHOTO]


def test_faults_that_wait_are_shown_and_forgotten(simulators: Simulators) -> None:
    want(simulators, "busy", times=3, seconds=2, kind="image")
    ask(simulators, PICTURE)
    shown = simulators.get("gemini/faults").json()
    assert shown["waiting"] == [{"fault": "busy", "times": 2, "kind": "image", "seconds": 2.0}]
    assert shown["faults"]["busy"].startswith("429")
    assert simulators.call("DELETE", "gemini/faults").json()["waiting"] == []
    assert ask(simulators, PICTURE).is_success


def test_every_fault_that_is_named_can_be_asked_for(simulators: Simulators) -> None:
    for fault in simulators.get("gemini/faults").json()["faults"]:
        parameters = {"score": 1} if fault == "score" else {}
        assert want(simulators, fault, **parameters).status_code == 200, fault


@pytest.mark.parametrize(
    "fault",
    [
        [],
        {},
        {"fault": "surprise"},
        {"fault": "busy", "times": 0},
        {"fault": "busy", "kind": "poem"},
        {"fault": "busy", "reason": "SAFETY"},
        {"fault": "internal", "seconds": 3},
        {"fault": "refused", "reason": "STOP"},
        {"fault": "same", "kind": "score"},
        {"fault": "score"},
        {"fault": "score", "score": 101},
    ],
)
def test_a_fault_that_is_none_is_refused(simulators: Simulators, fault: Any) -> None:
    response = simulators.call("POST", "gemini/faults", json=fault)
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_call_with_a_wrong_key_uses_no_fault_up(simulators: Simulators) -> None:
    want(simulators, "internal")
    assert ask(simulators, PICTURE, key="wrong").status_code == 400
    entry = last(simulators)
    assert (entry["kind"], entry["fault"], entry["status"], entry["billed"]) == (None, None, 400, False)
    assert ask(simulators, PICTURE).status_code == 500


def test_a_fault_may_wait_for_one_picture(simulators: Simulators) -> None:
    digest = hashlib.sha256(PHOTO).hexdigest()
    assert want(simulators, "internal", input_sha256=digest).is_success
    other = request_picture("sharper", encoded(photograph(90, 60)), imageSize="512")
    assert [ask(simulators, body).status_code for body in (other, PICTURE, PICTURE)] == [200, 500, 200]
