"""The tree of expected errors.

DarkroomError
├── PictureUnreadable        not an image, truncated, too large, or an unsupported format
├── PictureUnreachable       the URL of an image is not allowed or returns no image
├── MalformedRequest         an order or a search was started with an invalid request
├── OrderMovedOn             something happened to the order since a staff member saw it: look again
├── ProcessingSwitchedOff    automatic processing is off: staff resume the picture
├── ModelError               a call to a model failed; `outcome` says how
│   ├── ModelRefused         refused for safety or as bad input: a retry will not help
│   ├── ModelNotSetUp        API key, account or model name does not work: staff must fix it
│   ├── ModelUnavailable     overloaded, broken or unreachable: retry, after `retry_after` if given
│   └── ModelAnswerUnusable  unusable response: retry
├── CostLimitReached         the attempts at a picture have reached the cost limit
├── AddressRefused           the customer's e-mail address was rejected permanently
├── LetterTooLarge           the mail server rejects an e-mail of this size: send it without attachments
├── NotYet                   what is awaited has not happened yet: check again, after `retry_after`
├── OutsideUnavailable       storage, mail server, chat bot, staff's robot or dispatch system is unavailable: retry
├── OutsideRefused           one of those rejects us: wrong key or set-up; staff must fix it
├── MessageRefused           the chat bot or staff's robot rejects this message permanently; others go on
├── ValueRefused             Postgres rejects a value permanently: its row is set aside for staff to fix
├── KeyUnusable              invalid key of a file in storage
├── Unforeseen               an unexpected error that retries did not solve: left to staff
├── LinkUnreadable           an invalid or manipulated download link
├── CallerError              an invalid request to the gateway
│   ├── KeyRefused           no API key, or an invalid one
│   ├── SignatureRefused     a webhook with an invalid or expired signature
│   ├── NotAllowed           the key lacks this permission
│   ├── TooManyRequests      rate limit exceeded: wait for `retry_after`
│   ├── SettingsMovedOn      somebody else changed the shop's settings since a staff member saw them
│   ├── IdempotencyKeyReused an Idempotency-Key that was used for another request
│   ├── TokenRefused         no token of a user, or an invalid one
│   ├── QuotaSpent           the user's credits, records or storage are used up
│   ├── PlanForbids          the user's plan does not include this
│   ├── NoSuchTask           the user has no such record
│   ├── TaskFinished         a finished record takes no other original
│   └── UndoExpired          deleted records can no longer be restored
└── IllegalMove              an invalid status change: a bug, never the customer's fault
"""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from domain.texts.phrase import Said, said
from domain.vocabulary.outcomes import Outcome

if TYPE_CHECKING:
    from pydantic import BaseModel

    from domain.vocabulary.pictures import ModelCall

LONGEST_DETAIL = 500  # characters of what a provider said


class DarkroomError(Exception):
    """An expected error. `permanent`: a retry cannot help; `tries`: how many tries are worthwhile.

    `str(error)` is for logs. `told` is for people: a phrase of the catalogue with its values, `error.<class>` if no
    better reason was given. Both `told` and `details` are passed to the workflow.
    """

    permanent = True
    tries: int | None = None  # None: unlimited
    retry_after: timedelta | None = None
    details: "BaseModel | None" = None
    is_alone: bool | None = None  # whether a service fails for this request only; None if unknown

    def __init__(self, message: str = "", *, why: Said | None = None) -> None:
        super().__init__(message)
        self.why = why

    @property
    def told(self) -> Said:
        """The reason, to be rendered in the reader's language."""
        return self.why or Said(phrase=f"error.{_snake(type(self).__name__)}")


class PictureUnreadable(DarkroomError):
    """The bytes are not an acceptable image; `reason` is the key of its phrase, `values` are the phrase's values."""

    def __init__(self, message: str, reason: str = "damaged", **values: str | float) -> None:
        super().__init__(message)
        self.reason = reason
        self.values = values

    @property
    def told(self) -> Said:
        """Why it was rejected, and what to send instead."""
        return self.why or said(f"picture.{self.reason}", **self.values)

    def because(self, why: Said) -> "PictureUnreadable":
        """Return this error with another sentence for people."""
        self.why = why
        return self


class PictureUnreachable(DarkroomError):
    """An image's URL is not allowed, or does not return an image."""


class MalformedRequest(DarkroomError):
    """The request of an order, a dispatch or a search is invalid."""


class OrderMovedOn(DarkroomError):
    """Something happened to the order since the version that a staff member saw."""


class ProcessingSwitchedOff(DarkroomError):
    """Automatic processing is off, and staff have not resumed this picture."""


class ModelError(DarkroomError):
    """A call to a model failed; `possibly_billed` if it may still cost money.

    `call` holds what is known about it, such as tokens that the provider counted; `detail` is the provider's own text.
    """

    usual_outcome: ClassVar[Outcome] = Outcome.BROKEN

    def __init__(
        self,
        message: str,
        outcome: Outcome | None = None,
        *,
        call: "ModelCall | None" = None,
        possibly_billed: bool = False,
        retry_after: timedelta | None = None,
        why: Said | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, why=why)
        self.outcome = outcome or self.usual_outcome
        self.detail = detail
        self.call = call
        self.possibly_billed = possibly_billed
        self.retry_after = retry_after or self.retry_after

    @property
    def told(self) -> Said:
        """How the call ended."""
        return self.why or said(f"outcome.{self.outcome}", detail=self.detail[:LONGEST_DETAIL])


class ModelRefused(ModelError):
    """The model refuses this image or prompt."""

    usual_outcome = Outcome.REFUSED


class ModelNotSetUp(ModelError):
    """The model cannot be used until staff fix its set-up; then work continues."""

    permanent = False
    tries: int | None = 1
    retry_after = timedelta(minutes=5)
    usual_outcome = Outcome.NOT_SET_UP


class ModelUnavailable(ModelError):
    """The model is unavailable."""

    permanent = False
    tries = 20  # half an hour at 2, 4, 8 ... 64 seconds, then two minutes
    usual_outcome = Outcome.BROKEN


class ModelAnswerUnusable(ModelError):
    """The model's response is unusable."""

    permanent = False
    tries: int | None = 3  # each one costs money
    usual_outcome = Outcome.NO_PICTURE


class CostLimitReached(DarkroomError):
    """One more attempt could exceed the cost limit of a picture."""

    outcome = Outcome.TOO_DEAR


class AddressRefused(DarkroomError):
    """The mail server rejects the recipient permanently."""


class LetterTooLarge(DarkroomError):
    """The mail server rejects an e-mail of this size."""


class NotYet(DarkroomError):
    """What an activity waits for has not happened yet; it checks again later."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class OutsideUnavailable(DarkroomError):
    """A service that we need is unavailable."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class OutsideRefused(DarkroomError):
    """A service that we need rejects us. It is retried anyway, so that orders continue once staff have fixed it."""

    permanent = False


class MessageRefused(DarkroomError):
    """This message is rejected permanently; others may be accepted."""


class ValueRefused(DarkroomError):
    """Postgres rejects a value permanently: it violates a constraint or is too large."""


class KeyUnusable(DarkroomError, KeyError):
    """An invalid storage key, so there is no such file."""

    __str__ = Exception.__str__


class Unforeseen(DarkroomError):
    """A bug in Darkroom or a library, or a step that never ends: no more retries."""


class LinkUnreadable(DarkroomError):
    """An invalid download link."""


class CallerError(DarkroomError):
    """A request to the gateway that the caller must change."""


class KeyRefused(CallerError):
    """The API key is missing or invalid."""


class SignatureRefused(CallerError):
    """A webhook's signature is invalid or expired."""


class NotAllowed(CallerError):
    """The key may not do this."""


class TooManyRequests(CallerError):
    """The caller exceeds the rate limit."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class SettingsMovedOn(CallerError):
    """The shop's settings were changed since the version that a staff member saw."""


class IdempotencyKeyReused(CallerError):
    """The Idempotency-Key was used for another request before."""


class TokenRefused(CallerError):
    """The user's token is missing, invalid or expired."""


class QuotaSpent(CallerError):
    """The user's credits, records of the month or storage are used up."""


class PlanForbids(CallerError):
    """The user's plan does not include this."""


class NoSuchTask(CallerError):
    """The user has no record with this id."""


class TaskFinished(CallerError):
    """The record is completed or failed, and its original stays as it is."""


class UndoExpired(CallerError):
    """The time to undo has passed."""


class IllegalMove(DarkroomError):
    """An invalid status change."""


def _snake(name: str) -> str:
    """PictureUnreadable -> picture_unreadable."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def away(system: str, detail: str = "") -> Said:
    """Return the reason that a system is unavailable; `detail` is the system's own message."""
    return said("error.outside_unavailable", system=system, detail=detail[:LONGEST_DETAIL])


def refuses(system: str, detail: str = "") -> Said:
    """Return the reason that a system rejects us; `detail` is the system's own message."""
    return said("error.outside_refused", system=system, detail=detail[:LONGEST_DETAIL])
