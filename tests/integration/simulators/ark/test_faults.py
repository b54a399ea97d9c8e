"""Ark's faults on demand: what each looks like on the wire, and what the ledger says of the call."""

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.integration.simulators.ark.test_app import PHOTO, ask, download, last, pictures_in, request
from tests.integration.simulators_fixtures import ARK_KEY, Simulators

THREE = {"sequential_image_generation": "auto", "sequential_image_generation_options": {"max_images": 3}}


@pytest.fixture(autouse=True)
def no_fault_is_left(simulators: Simulators) -> Iterator[None]:
    """Each test begins without faults, and the simulators still answer after it."""
    simulators.call("DELETE", "ark/faults")
    yield
    assert simulators.call("DELETE", "ark/faults").json()["waiting"] == []
    assert len(pictures_in(simulators, ask(simulators, request()))) == 1
    assert (last(simulators)["fault"], last(simulators)["billed"]) == (None, True)


def want(simulators: Simulators, fault: str, **parameters: Any) -> httpx.Response:
    return simulators.call("POST", "ark/faults", json={"fault": fault, **parameters})


def faulty(simulators: Simulators, fault: str, **parameters: Any) -> httpx.Response:
    """Ask for a picture under a fault."""
    assert want(simulators, fault, **parameters).is_success
    return ask(simulators, request())


def call(simulators: Simulators) -> dict[str, Any]:
    """Return a call for a picture, for those who make it in a way of their own."""
    url = f"{simulators.ark_url}/api/v3/images/generations"
    return {"url": url, "json": request(), "headers": {"Authorization": f"Bearer {ARK_KEY}"}}


def sharpness(data: bytes) -> float:
    return float(np.abs(np.diff(np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float))).mean())


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"fault": "rate"}, 429, "RateLimitExceeded"),
        ({"fault": "overloaded"}, 429, "ServerOverloaded"),
        ({"fault": "internal"}, 500, "InternalServiceError"),
        ({"fault": "sensitive"}, 400, "InputImageSensitiveContentDetected"),
        ({"fault": "sensitive", "code": "SensitiveContentDetected"}, 400, "SensitiveContentDetected"),
        ({"fault": "invalid"}, 400, "InvalidParameter"),
        ({"fault": "overdue"}, 403, "AccountOverdueError"),
        ({"fault": "not_open"}, 404, "ModelNotOpen"),
        ({"fault": "forbidden"}, 401, "AuthenticationError"),
    ],
)
def test_an_error_looks_as_arks_do(simulators: Simulators, wanted: dict[str, Any], status: int, code: str) -> None:
    response = faulty(simulators, **wanted)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert "retry-after" not in response.headers
    entry = last(simulators)
    assert (entry["fault"], entry["status"], entry["billed"]) == (wanted["fault"], status, False)
    assert entry["generated_images"] is None


def test_who_calls_too_often_is_told_how_long_to_wait(simulators: Simulators) -> None:
    assert faulty(simulators, "rate", seconds=17).headers["retry-after"] == "17"


def test_a_page_says_that_the_service_is_away(simulators: Simulators) -> None:
    response = faulty(simulators, "unavailable")
    assert (response.status_code, response.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert (last(simulators)["status"], last(simulators)["billed"]) == (503, False)


def test_a_call_that_hangs_is_billed_before_its_caller_gives_up(simulators: Simulators) -> None:
    assert want(simulators, "hang").is_success
    earlier = len(simulators.ledger("ark", kind="image"))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(**call(simulators), timeout=1)
    entry = simulators.next_entry("ark", earlier, kind="image")
    assert (entry["fault"], entry["billed"]) == ("hang", True)


def test_a_drip_begins_well_and_never_ends(simulators: Simulators) -> None:
    assert want(simulators, "drip").is_success
    with httpx.stream("POST", **call(simulators)) as response:
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        started, drops = time.monotonic(), response.iter_raw()
        assert b"".join(next(drops) for _ in range(5)).strip() == b""
        assert time.monotonic() - started > 0.1
    assert last(simulators)["billed"]


def test_an_answer_is_cut_in_its_middle(simulators: Simulators) -> None:
    assert want(simulators, "cut").is_success
    with httpx.stream("POST", **call(simulators)) as response, pytest.raises(httpx.RemoteProtocolError):
        response.read()
    assert response.num_bytes_downloaded == int(response.headers["content-length"]) // 2
    assert (last(simulators)["billed"], last(simulators)["generated_images"]) == (True, 1)


def test_garbage_is_half_a_json_and_a_page_is_none(simulators: Simulators) -> None:
    for fault, kind in (("garbage", "application/json"), ("html", "text/html; charset=utf-8")):
        response = faulty(simulators, fault)
        assert (response.status_code, response.headers["content-type"]) == (200, kind)
        with pytest.raises(json.JSONDecodeError):
            response.json()
        assert (last(simulators)["fault"], last(simulators)["billed"]) == (fault, True)


@pytest.mark.parametrize("parameters", [{}, {"code": "InternalServiceError"}])
def test_one_picture_of_several_may_be_an_error(simulators: Simulators, parameters: dict[str, str]) -> None:
    assert want(simulators, "item_error", **parameters).is_success
    body = ask(simulators, request(**THREE)).json()
    assert [set(item) for item in body["data"]] == [{"error"}, {"url", "size"}, {"url", "size"}]
    assert body["data"][0]["error"]["code"] == parameters.get("code", "OutputImageSensitiveContentDetected")
    assert (body["usage"]["generated_images"], last(simulators)["billed"]) == (2, True)


def test_where_the_only_picture_is_an_error_nothing_is_billed(simulators: Simulators) -> None:
    body = faulty(simulators, "item_error").json()
    assert [set(item) for item in body["data"]] == [{"error"}]
    assert body["usage"] == {"generated_images": 0, "output_tokens": 0, "total_tokens": 0}
    assert (last(simulators)["status"], last(simulators)["billed"]) == (200, False)


def test_a_link_may_be_dead_from_the_beginning(simulators: Simulators) -> None:
    (item,) = faulty(simulators, "dead_url").json()["data"]
    answer = download(simulators, item["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/xml")
    assert (last(simulators)["billed"], last(simulators)["generated_images"]) == (True, 1)


def test_an_answer_may_have_no_pictures(simulators: Simulators) -> None:
    body = faulty(simulators, "no_data").json()
    assert (body["data"], body["usage"]["generated_images"]) == ([], 0)
    assert not last(simulators)["billed"]


def test_pictures_are_spoiled_as_wanted_and_billed(simulators: Simulators) -> None:
    (good,) = pictures_in(simulators, ask(simulators, request()))
    spoiled = {}
    for fault in ("same", "wrong_size", "blurred", "truncated"):
        (spoiled[fault],) = pictures_in(simulators, faulty(simulators, fault))
        assert (last(simulators)["fault"], last(simulators)["billed"]) == (fault, True)
    assert spoiled["same"] == PHOTO
    assert Image.open(io.BytesIO(spoiled["wrong_size"])).size == (256, 512)
    assert sharpness(spoiled["blurred"]) < sharpness(good) / 2
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(spoiled["truncated"])).load()


def test_faults_come_in_turn_are_shown_and_forgotten(simulators: Simulators) -> None:
    want(simulators, "rate", times=2, seconds=1)
    want(simulators, "internal", kind="image", times=9)
    assert [ask(simulators, request()).status_code for _ in range(3)] == [429, 429, 500]
    shown = simulators.get("ark/faults").json()
    assert shown["waiting"] == [{"fault": "internal", "times": 8, "kind": "image"}]
    assert simulators.call("DELETE", "ark/faults").json()["waiting"] == []
    for fault in shown["faults"]:
        assert want(simulators, fault).status_code == 200, fault


def test_a_call_that_is_refused_anyway_uses_no_fault_up(simulators: Simulators) -> None:
    want(simulators, "internal")
    assert ask(simulators, request(), key="wrong").status_code == 401
    assert ask(simulators, request(size="9K")).status_code == 400
    assert ask(simulators, request()).status_code == 500


@pytest.mark.parametrize(
    "fault",
    [
        [], {}, {"fault": "busy"}, {"fault": "rate", "times": 0}, {"fault": "rate", "kind": "score"},
        {"fault": "rate", "code": "x"}, {"fault": "sensitive", "code": "ModelNotOpen"}, {"fault": "hang", "seconds": 0},
    ],
)  # fmt: skip
def test_a_fault_that_is_none_is_refused(simulators: Simulators, fault: Any) -> None:
    response = simulators.call("POST", "ark/faults", json=fault)
    assert response.status_code == 400
    assert response.json()["error"]
