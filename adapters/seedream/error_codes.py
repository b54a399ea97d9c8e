"""Maps Ark's error codes and statuses to our errors."""

import re
from http import HTTPStatus

from adapters.model_statuses import is_of_set_up, is_timed_out, passes
from domain.vocabulary.errors import ModelError, ModelNotSetUp, ModelRefused, ModelUnavailable
from domain.vocabulary.outcomes import Outcome

Kind = tuple[type[ModelError], Outcome]

# By `code: message`, the first match; a code may have a suffix after a dot. An account's limit lasts until staff raise
# it; a limit per minute or of the queue is temporary.
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\w+\.SevereViolation\b", (ModelRefused, Outcome.FORBIDDEN)),
    (r"\w*(SensitiveContent|RiskDetection)", (ModelRefused, Outcome.REFUSED)),
    (r"Authentication|AccountOverdue|InvalidAccount|InvalidSubscription", (ModelNotSetUp, Outcome.NOT_SET_UP)),
    (r"ModelNotOpen|UnsupportedModel|InvalidEndpoint|NotFound\b", (ModelNotSetUp, Outcome.NOT_SET_UP)),
    (r"AccessDenied|OperationDenied|SetLimitExceeded", (ModelNotSetUp, Outcome.NOT_SET_UP)),
    (r"QuotaExceeded.*exhausted", (ModelNotSetUp, Outcome.NOT_SET_UP)),
    (r"\w*(RateLimitExceeded|Overloaded|QuotaExceeded|BurstTooFast)", (ModelUnavailable, Outcome.BUSY)),
    (r"InflightBatchsize", (ModelUnavailable, Outcome.BUSY)),
    (r"Internal|ServiceUnavailable|ContentSecurityDetectionError", (ModelUnavailable, Outcome.BROKEN)),
    (r"Invalid|Missing|OutofContext", (ModelRefused, Outcome.BAD_INPUT)),
)


def kind_of_code(code: str, message: str) -> Kind | None:
    """Return the kind of error for a code; None if it is unknown."""
    said = f"{code}: {message}"
    return next((kind for pattern, kind in _KINDS if re.match(pattern, said)), None)


def kind_of_status(status: int) -> Kind:
    """Return the kind of error for a status without a code."""
    if is_of_set_up(status):
        return ModelNotSetUp, Outcome.NOT_SET_UP
    if is_timed_out(status):
        return ModelUnavailable, Outcome.TIMED_OUT
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ModelUnavailable, Outcome.BUSY
    return (ModelUnavailable, Outcome.BROKEN) if passes(status) else (ModelRefused, Outcome.BAD_INPUT)
