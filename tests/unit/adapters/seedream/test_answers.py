"""Reading Ark's answers: each error by its code, else by its status, and whatever else may come."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.seedream.answers import Answered, ArkError, classify, read, without_pictures
from domain.vocabulary.errors import ModelAnswerUnusable, ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall

CALL = ModelCall(provider="seedream", model="doubao-seedream-4-0-250828")
NO_HEADERS = httpx.Headers()
URL = "https://ark.example/picture.jpg?signature=of-24-hours"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
ODD_ANSWER = st.fixed_dictionaries(
    {},
    optional={
        "data": JSON | st.lists(st.fixed_dictionaries({}, optional={"url": JSON, "error": JSON}) | JSON),
        "usage": JSON | st.fixed_dictionaries({}, optional={"generated_images": JSON, "output_tokens": JSON}),
        "error": JSON | st.fixed_dictionaries({}, optional={"code": JSON, "message": JSON}),
    },
)


def answer(**body: Any) -> Answered:
    return read(200, NO_HEADERS, json.dumps(body).encode())


def failure(status: int, body: Any = None, **headers: str) -> ModelError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ModelError) as raised:
        read(status, httpx.Headers(headers), raw)
    return raised.value


def ark(code: object, message: object = "told so") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "param": "", "type": "BadRequest"}}


CODES = [
    (400, "MissingParameter", ModelRefused, Outcome.BAD_INPUT),
    (400, "MissingParameter.image", ModelRefused, Outcome.BAD_INPUT),
    (400, "InvalidParameter", ModelRefused, Outcome.BAD_INPUT),
    (400, "InvalidParameter.ImageSize", ModelRefused, Outcome.BAD_INPUT),
    (400, "InvalidArgumentError.InvalidPixelLimit", ModelRefused, Outcome.BAD_INPUT),
    (400, "InvalidImageURL.InvalidFormat", ModelRefused, Outcome.BAD_INPUT),
    (400, "OutofContextError", ModelRefused, Outcome.BAD_INPUT),
    (400, "SensitiveContentDetected", ModelRefused, Outcome.REFUSED),
    (400, "SensitiveContentDetected.Violence", ModelRefused, Outcome.REFUSED),
    (400, "SensitiveContentDetected.SevereViolation", ModelRefused, Outcome.FORBIDDEN),
    (400, "InputImageSensitiveContentDetected", ModelRefused, Outcome.REFUSED),
    (400, "InputImageSensitiveContentDetected.PrivacyInformation", ModelRefused, Outcome.REFUSED),
    (400, "InputTextSensitiveContentDetected.PolicyViolation", ModelRefused, Outcome.REFUSED),
    (400, "OutputImageSensitiveContentDetected", ModelRefused, Outcome.REFUSED),
    (400, "InputImageRiskDetection", ModelRefused, Outcome.REFUSED),
    (400, "OutputImageRiskDetection", ModelRefused, Outcome.REFUSED),
    (400, "ContentSecurityDetectionError", ModelUnavailable, Outcome.BROKEN),
    (400, "InvalidEndpoint.ClosedEndpoint", ModelNotSetUp, Outcome.NOT_SET_UP),
    (400, "InvalidSubscription", ModelNotSetUp, Outcome.NOT_SET_UP),
    (401, "AuthenticationError", ModelNotSetUp, Outcome.NOT_SET_UP),
    (401, "InvalidAccountStatus", ModelNotSetUp, Outcome.NOT_SET_UP),
    (403, "AccessDenied", ModelNotSetUp, Outcome.NOT_SET_UP),
    (403, "AccountOverdueError", ModelNotSetUp, Outcome.NOT_SET_UP),
    (403, "OperationDenied.ServiceOverdue", ModelNotSetUp, Outcome.NOT_SET_UP),
    (404, "ModelNotOpen", ModelNotSetUp, Outcome.NOT_SET_UP),
    (404, "InvalidEndpointOrModel.NotFound", ModelNotSetUp, Outcome.NOT_SET_UP),
    (404, "InvalidEndpointOrModel.ModelIDAccessDisabled", ModelNotSetUp, Outcome.NOT_SET_UP),
    (404, "NotFound.Endpoint", ModelNotSetUp, Outcome.NOT_SET_UP),
    (404, "UnsupportedModel", ModelNotSetUp, Outcome.NOT_SET_UP),
    (429, "RateLimitExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "RateLimitExceeded.EndpointRPMExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "ModelAccountIpmRateLimitExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "APIAccountRpmRateLimitExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "AccountRateLimitExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "InflightBatchsizeExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "RequestBurstTooFast", ModelUnavailable, Outcome.BUSY),
    (429, "ServerOverloaded", ModelUnavailable, Outcome.BUSY),
    (429, "QuotaExceeded", ModelUnavailable, Outcome.BUSY),
    (429, "SetLimitExceeded", ModelNotSetUp, Outcome.NOT_SET_UP),
    (500, "InternalServiceError", ModelUnavailable, Outcome.BROKEN),
]


@pytest.mark.parametrize(("status", "code", "kind", "outcome"), CODES)
def test_each_code_has_its_outcome(status: int, code: str, kind: type[ModelError], outcome: Outcome) -> None:
    error = failure(status, ark(code))
    assert (type(error), error.outcome, error.possibly_billed, error.call) == (kind, outcome, False, None)
    assert str(error) == f"Seedream: {status} {code}: told so"


@pytest.mark.parametrize(("code", "kind", "outcome"), [case[1:] for case in CODES])
def test_a_code_means_the_same_of_one_picture(code: str, kind: type[ModelError], outcome: Outcome) -> None:
    answered = answer(data=[ark(code)], usage={"generated_images": 0})
    error = without_pictures(answered, CALL, [])
    assert (type(error), error.outcome, error.possibly_billed, error.call) == (kind, outcome, False, CALL)


@pytest.mark.parametrize(
    ("message", "kind"),
    [("Failed to load the image. Please try again later.", ModelUnavailable), ("The size is wrong.", ModelRefused)],
)
def test_a_400_that_says_to_try_again_is_tried_again(message: str, kind: type[ModelError]) -> None:
    assert type(failure(400, ark("InvalidParameter", message))) is kind
    assert type(failure(400, json.dumps({"error": {"message": message}}).encode())) is kind


def test_a_trial_that_is_used_up_does_not_come_back_by_waiting() -> None:
    message = "Your account [2100] has exhausted its free trial quota for the [doubao-seedream] model."
    assert failure(429, ark("QuotaExceeded", message)).outcome is Outcome.NOT_SET_UP


@pytest.mark.parametrize(
    "body", [b"<html>proxy</html>", b"", b"null", b"[]", b'{"error": null}', b'{"error": {"code": 7}}']
)
@pytest.mark.parametrize(
    ("status", "kind", "outcome", "billed"),
    [
        (101, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (302, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (308, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (400, ModelRefused, Outcome.BAD_INPUT, False),
        (401, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (402, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (403, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (404, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (405, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (407, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (408, ModelUnavailable, Outcome.TIMED_OUT, True),
        (409, ModelUnavailable, Outcome.BROKEN, False),
        (410, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (413, ModelRefused, Outcome.BAD_INPUT, False),
        (422, ModelRefused, Outcome.BAD_INPUT, False),
        (423, ModelUnavailable, Outcome.BROKEN, False),
        (429, ModelUnavailable, Outcome.BUSY, False),
        (451, ModelNotSetUp, Outcome.NOT_SET_UP, False),
        (499, ModelUnavailable, Outcome.TIMED_OUT, True),
        (500, ModelUnavailable, Outcome.BROKEN, False),
        (502, ModelUnavailable, Outcome.BROKEN, False),
        (503, ModelUnavailable, Outcome.BROKEN, False),
        (504, ModelUnavailable, Outcome.TIMED_OUT, True),
    ],
)
def test_without_a_code_the_status_tells(
    status: int, kind: type[ModelError], outcome: Outcome, billed: bool, body: bytes
) -> None:
    error = failure(status, body)
    assert (type(error), error.outcome, error.possibly_billed) == (kind, outcome, billed)


def test_only_what_passes_by_itself_waits_as_long_as_it_is_told() -> None:
    assert failure(429, ark("RateLimitExceeded"), **{"retry-after": "7"}).retry_after == timedelta(seconds=7)
    assert failure(403, ark("AccessDenied"), **{"retry-after": "7"}).retry_after == ModelNotSetUp.retry_after
    assert failure(400, ark("InvalidParameter"), **{"retry-after": "7"}).retry_after is None


def test_words_that_begin_like_a_code_are_none() -> None:
    assert failure(500, {"error": {"message": "Invalid state of the cluster"}}).outcome is Outcome.BROKEN
    assert failure(502, {"error": "SensitiveContent filter is down"}).outcome is Outcome.BROKEN


def test_a_good_answer_tells_its_pictures_and_what_it_counted() -> None:
    answered = answer(data=[{"url": URL, "size": "2048x2048"}], usage={"generated_images": 1, "output_tokens": 16_384})
    assert answered == Answered(urls=[URL], errors=[], generated_images=1, output_tokens=16_384)


@pytest.mark.parametrize(
    "odd",
    [
        {"usage": None},
        {"usage": "none"},
        {"usage": []},
        {"usage": {"generated_images": None, "output_tokens": None}},
        {"usage": {"generated_images": "many", "output_tokens": -1}},
        {"usage": {"generated_images": 10**30, "output_tokens": 1.5}},
        {"error": None},
        {"error": {}},
        {"error": ""},
        {"error": 0},
        {"model": 7, "created": "yesterday", "more": [{}]},
    ],
)
def test_what_is_odd_costs_no_picture_beside_it(odd: dict[str, Any]) -> None:
    answered = answer(data=[{"url": URL}], **odd)
    assert (answered.urls, answered.errors, answered.generated_images) == ([URL], [], 1)
    assert answered.output_tokens == 0


@pytest.mark.parametrize(
    "item", [None, 7, "picture", [], {"url": None}, {"url": 7}, {"url": ""}, {"error": None}, {"error": {}}]
)
def test_an_odd_picture_costs_none_beside_it(item: Any) -> None:
    answered = answer(data=[item, {"url": URL, "error": None}], usage={"generated_images": 1})
    assert (answered.urls, answered.errors) == ([URL], [])


def test_an_error_beside_pictures_is_told_and_costs_none() -> None:
    answered = answer(
        data=[{"url": URL}, ark("OutputImageRiskDetection")], usage={"generated_images": 1}, **ark("Late")
    )
    assert answered.urls == [URL]
    assert [error.code for error in answered.errors] == ["Late", "OutputImageRiskDetection"]


def test_an_error_may_be_words() -> None:
    assert [str(error) for error in answer(data=[{"error": "too dark"}]).errors] == ["too dark"]


def test_more_pictures_than_ark_makes_are_not_fetched() -> None:
    assert len(answer(data=[{"url": URL}] * 1000).urls) == 15


def test_pictures_that_are_seen_count_even_where_ark_counts_none() -> None:
    assert answer(data=[{"url": URL}] * 2, usage={"generated_images": 0}).generated_images == 2


@pytest.mark.parametrize(
    "body", [b"", b"<html>welcome</html>", b'{"data": [{"url": "http', b"null", b"[]", b"7", b"\xff"]
)
def test_what_is_no_object_is_unusable_and_perhaps_billed(body: bytes) -> None:
    error = failure(200, body)
    assert (type(error), error.outcome, error.possibly_billed) == (ModelAnswerUnusable, Outcome.GARBLED, True)


def test_an_empty_success_is_unusable_and_perhaps_billed() -> None:
    error = failure(204, b"")
    assert (error.outcome, error.possibly_billed) == (Outcome.GARBLED, True)


@pytest.mark.parametrize("status", [200, 502])
def test_the_address_of_a_picture_is_in_no_message(status: int) -> None:
    for body in (f'{{"data": [{{"url": "{URL}"}}, {{"url"', f"<a href={URL}>"):
        assert "of-24-hours" not in str(failure(status, body.encode()))


def test_an_answer_that_counts_nothing_and_shows_nothing_is_perhaps_billed() -> None:
    for body, billed in (({}, True), ({"usage": {"generated_images": 0}}, False)):
        error = without_pictures(answer(**body), CALL, [])
        assert (type(error), error.outcome) == (ModelAnswerUnusable, Outcome.NO_PICTURE)
        assert (error.possibly_billed, error.call) == (billed, CALL)


def test_pictures_that_cannot_be_had_are_lost_whatever_else_went_wrong() -> None:
    answered = Answered(
        urls=[URL], errors=[ArkError(code="SensitiveContentDetected")], generated_images=1, output_tokens=1
    )
    error = without_pictures(answered, CALL, ["answered 403"])
    assert (type(error), error.outcome, error.possibly_billed) == (ModelAnswerUnusable, Outcome.LOST_PICTURE, False)


def test_an_unknown_code_of_a_picture_is_worth_another_try() -> None:
    error = without_pictures(answer(data=[ark("CodeOfTomorrow")]), CALL, [])
    assert (type(error), error.outcome) == (ModelAnswerUnusable, Outcome.NO_PICTURE)


@pytest.mark.parametrize(
    ("error", "outcome", "billed"),
    [
        (httpx.ConnectError("refused"), Outcome.UNREACHABLE, False),
        (httpx.ConnectTimeout("slow"), Outcome.UNREACHABLE, False),
        (httpx.PoolTimeout("full"), Outcome.UNREACHABLE, False),
        (httpx.ProxyError("403"), Outcome.UNREACHABLE, False),
        (httpx.ReadTimeout("slow"), Outcome.TIMED_OUT, True),
        (httpx.WriteTimeout("slow"), Outcome.TIMED_OUT, True),
        (TimeoutError(), Outcome.TIMED_OUT, True),
        (httpx.ReadError("gone"), Outcome.CUT_OFF, True),
        (httpx.RemoteProtocolError("x" * 100_000), Outcome.CUT_OFF, True),
        (httpx.LocalProtocolError("Illegal header value b'Bearer sesame'"), Outcome.NOT_SET_UP, False),
        (httpx.UnsupportedProtocol("ftp"), Outcome.NOT_SET_UP, False),
        (httpx.InvalidURL("port"), Outcome.NOT_SET_UP, False),
    ],
)
def test_trouble_of_the_network_has_its_outcome(error: Exception, outcome: Outcome, billed: bool) -> None:
    ours = classify(error)
    assert (ours.outcome, ours.possibly_billed) == (outcome, billed)
    assert "sesame" not in str(ours)
    assert len(str(ours)) < 500, "goes into the history of an order"


@given(st.integers(100, 599), st.dictionaries(st.sampled_from(["retry-after"]), st.text("0123456789 -x")), JSON)
def test_no_json_is_more_than_an_error_of_ours(status: int, headers: dict[str, str], body: Any) -> None:
    with suppress(ModelError):
        read(status, httpx.Headers(headers), json.dumps(body).encode())


@given(st.integers(100, 599), st.binary())
def test_no_bytes_are_more_than_an_error_of_ours(status: int, body: bytes) -> None:
    with suppress(ModelError):
        read(status, NO_HEADERS, body)


@given(ODD_ANSWER, st.sampled_from([200, 400, 429, 500]))
def test_an_answer_of_odd_parts_is_read_all_the_same(body: dict[str, Any], status: int) -> None:
    raw = json.dumps(body).encode()
    if status != 200:
        failure(status, raw)
        return
    with suppress(ModelAnswerUnusable):  # NaN and halves of characters are no JSON
        answered = read(200, NO_HEADERS, raw)
        assert len(answered.urls) <= answered.generated_images
        assert isinstance(without_pictures(answered, CALL, []), ModelError)
