"""What a status says of a call to a model, whoever the provider is: whose it is to mend, and whether it passes."""

import re
from http import HTTPStatus

from adapters.http import is_permanent

# A wrong key, no money, a region that is not served, a wrong name or address, a proxy that wants to know who we are.
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
_GAVE_UP = 499  # whoever stands between us and the model, or it itself: it may have been at work
_CONFLICT = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})  # nothing is wrong with what was asked
_TIMED_OUT = frozenset({HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.REQUEST_TIMEOUT, _GAVE_UP})
_AGAIN = re.compile(
    r"(not |n['’]t )?\b(?:try (?:(?:it|this|that|(?:your|the) request) )?again|retry|resubmit)\b", re.IGNORECASE
)


def is_of_set_up(status: int) -> bool:
    """Whether staff must mend something; a redirect is never followed."""
    return status < HTTPStatus.BAD_REQUEST or status in _SET_UP


def is_timed_out(status: int) -> bool:
    """Whether nobody waited for the model any longer, which may have done its work."""
    return status in _TIMED_OUT


def passes(status: int, words: str = "") -> bool:
    """Whether the same request may be taken later: by its status, or because a refusal says so."""
    if not is_permanent(status) or status in _CONFLICT or is_timed_out(status):
        return True
    said = [not one[1] for one in _AGAIN.finditer(words)]
    return status == HTTPStatus.BAD_REQUEST and bool(said) and all(said)
