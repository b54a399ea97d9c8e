"""Classifies HTTP statuses of model calls, for all providers: set-up errors, timeouts, temporary errors."""

import re
from http import HTTPStatus

from adapters.http import is_permanent

# Wrong key, no credit, unsupported region, wrong model name or URL, proxy authentication.
_SET_UP = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.GONE,
        HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
    }
)
_GAVE_UP = 499  # from a proxy or the model; the work may have been done
_CONFLICT = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})  # the request itself is valid
_TIMED_OUT = frozenset({HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.REQUEST_TIMEOUT, _GAVE_UP})
_AGAIN = re.compile(
    r"(not |n['’]t )?\b(?:try (?:(?:it|this|that|(?:your|the) request) )?again|retry|resubmit)\b", re.IGNORECASE
)


def is_of_set_up(status: int) -> bool:
    """Whether the set-up is wrong, which staff must fix; redirects count, as they are never followed."""
    return status < HTTPStatus.BAD_REQUEST or status in _SET_UP


def is_timed_out(status: int) -> bool:
    """Whether the request timed out; the model may have done the work."""
    return status in _TIMED_OUT


def passes(status: int, words: str = "") -> bool:
    """Whether the same request may succeed later, by its status or by the text of the refusal."""
    if not is_permanent(status) or status in _CONFLICT or is_timed_out(status):
        return True
    said = [not one[1] for one in _AGAIN.finditer(words)]
    return status == HTTPStatus.BAD_REQUEST and bool(said) and all(said)
