"""Gemini's faults on the wire, and whether the call costs."""

import json
from functools import singledispatch

from starlette.responses import JSONResponse

from simulators.common.faults import Fault, Outcome
from simulators.common.spoiling import spoil
from simulators.common.trouble import Broken, Endless, Hang, Hanging, broken, endless
from simulators.gemini import faults
from simulators.gemini.answers import Body, make, no_picture, picture_part, respond, with_pictures, with_text
from simulators.gemini.wire import GenerateRequest, bad_key, error

ERRORS = {
    "internal": (500, "INTERNAL", "An internal error has occurred. Please retry or report in the help forum."),
    "unavailable": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "deadline": (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
    "forbidden": (403, "PERMISSION_DENIED", "Your project has been denied access. Please contact support."),
    "no_model": (404, "NOT_FOUND", "The model is not found for API version v1beta, or is not supported."),
    "bad_input": (400, "INVALID_ARGUMENT", "Provided image is not valid."),
    "retry": (400, "INVALID_ARGUMENT", "Unable to process input image. Please retry or report in the help forum."),
    "aborted": (409, "ABORTED", "The operation was aborted."),
    "cancelled": (499, "CANCELLED", "The operation was cancelled."),
}
PROSE = "I looked at the photograph, and there is nothing that I would change about it."
THINKING = 258  # tokens


@singledispatch
def fail(fault: Fault, model: str, asked: GenerateRequest) -> Outcome:
    """Return the outcome of a call under a fault. Raises ValueError if the input is invalid anyway."""
    raise NotImplementedError(f"{fault} for {model}, {asked.kind}")


@fail.register
def _busy(fault: faults.Busy, _model: str, _asked: GenerateRequest) -> Outcome:
    words = "Resource has been exhausted (e.g. check quota)."
    if fault.seconds is None:
        return Outcome(error(429, "RESOURCE_EXHAUSTED", words))
    delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{fault.seconds:g}s"}
    return Outcome(error(429, "RESOURCE_EXHAUSTED", words, delay))


@fail.register
def _failing(fault: faults.Failing, _model: str, _asked: GenerateRequest) -> Outcome:
    if fault.fault == "expired_key":
        return Outcome(bad_key("API key expired. Please renew the API key."))
    return Outcome(error(*ERRORS[fault.fault]), billed=fault.fault in {"deadline", "cancelled"})


@fail.register
def _hanging(fault: Hanging, _model: str, _asked: GenerateRequest) -> Outcome:
    return Outcome(Hang(fault.seconds), billed=True)


@fail.register
def _endless(fault: Endless, _model: str, _asked: GenerateRequest) -> Outcome:
    return Outcome(endless(fault), billed=True)


@fail.register
def _broken(fault: Broken, model: str, asked: GenerateRequest) -> Outcome:
    body = respond(model, asked)
    return Outcome(broken(fault, body), billed=True, body=body)


@fail.register
def _without_picture(fault: faults.NoPicture | faults.Refused, model: str, asked: GenerateRequest) -> Outcome:
    return _said(no_picture(model, asked, fault.reason))


@fail.register
def _blocked(fault: faults.Blocked, model: str, asked: GenerateRequest) -> Outcome:
    body = no_picture(model, asked)
    del body["candidates"]
    body = {"promptFeedback": {"blockReason": fault.reason}} | body
    return Outcome(JSONResponse(body), billed=True, body=body)  # the tokens of the prompt are counted


@fail.register
def _words(_fault: faults.Words, model: str, asked: GenerateRequest) -> Outcome:
    return _said(with_text(model, asked, PROSE))


@fail.register
def _spoiled(fault: faults.Spoiled, model: str, asked: GenerateRequest) -> Outcome:
    original, result = _pictures(model, asked)
    return _said(with_pictures(model, asked, [spoil(fault.fault, original, result)]))


@fail.register
def _more(fault: faults.More, model: str, asked: GenerateRequest) -> Outcome:
    original, result = _pictures(model, asked)
    worse = spoil("blurred", original, result)
    if fault.fault == "two":
        return _said(with_pictures(model, asked, [result, worse]))
    body = with_pictures(model, asked, [result])
    body["candidates"][0]["content"]["parts"].insert(0, picture_part(worse) | {"thought": True})
    body["usageMetadata"]["thoughtsTokenCount"] = THINKING
    body["usageMetadata"]["totalTokenCount"] += THINKING
    return _said(body)


@fail.register
def _scored(fault: faults.Scored, model: str, asked: GenerateRequest) -> Outcome:
    score = fault.model_dump(include={"score", "issue", "next_step"})
    return _said(with_text(model, asked, json.dumps(score, ensure_ascii=False)))


def _said(body: Body) -> Outcome:
    return Outcome(JSONResponse(body), billed=True, body=body)


def _pictures(model: str, asked: GenerateRequest) -> tuple[bytes, bytes]:
    """Return the input picture and the correct result."""
    result = make(model, asked)
    if result is None:
        raise ValueError("Unable to process input image: there is none.")
    return asked.pictures[0], result
