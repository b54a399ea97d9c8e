"""The tree of errors: what can go wrong for a reason we know.

DarkroomError
├── PictureUnreadable        not a picture, cut off, too large, a format we do not take
├── PictureUnreachable       the address of a picture is refused or answers no picture
├── MalformedRequest         an order was started with something that is no order
├── ProcessingSwitchedOff    the shop has switched automatic processing off: staff resume the picture
├── ModelError               a provider of pictures or looks
│   ├── ModelRefused         refused for safety or as bad input: the same again will not do
│   ├── ModelUnavailable     busy, broken or away: try again, after `retry_after` where it said so
│   └── ModelAnswerUnusable  answered, with nothing we can use: try again
├── AddressRefused           the customer's e-mail address was refused for good
├── OutsideUnavailable       storage, mail server, chat bot, staff's robot: away for now, try again
├── OutsideRefused           one of those refuses us: wrong key, wrong set-up; staff must mend it
├── LinkUnreadable           a download link that is none of ours, or was tampered with
├── CallerError              whoever calls the gateway must do something else
│   ├── KeyRefused           no API key, or one that opens nothing
│   ├── SignatureRefused     a webhook that is not signed as it should be, or is too old
│   ├── NotAllowed           the key is good, for other things
│   ├── TooManyRequests      slow down, for `retry_after`
│   └── IdempotencyKeyReused       an Idempotency-Key that was used for something else
└── IllegalMove              a status may not follow another: a bug, never the customer's fault
"""

from datetime import timedelta


class DarkroomError(Exception):
    """An expected error; `permanent` says that trying the same again cannot help."""

    permanent = True
    retry_after: timedelta | None = None


class PictureUnreadable(DarkroomError):
    """The bytes are no picture that we take."""


class PictureUnreachable(DarkroomError):
    """A picture's address is not allowed, or answers with no picture."""


class MalformedRequest(DarkroomError):
    """An order's request cannot be understood."""


class ProcessingSwitchedOff(DarkroomError):
    """No picture is made now unless staff want it."""


class ModelError(DarkroomError):
    """A call to a model failed; `possibly_billed` when it may cost all the same."""

    def __init__(self, message: str, *, finish_reason: str | None = None, possibly_billed: bool = False) -> None:
        super().__init__(message)
        self.finish_reason = finish_reason
        self.possibly_billed = possibly_billed


class ModelRefused(ModelError):
    """The model refuses this picture or prompt."""


class ModelUnavailable(ModelError):
    """The model cannot answer now."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None, possibly_billed: bool = False) -> None:
        super().__init__(message, possibly_billed=possibly_billed)
        self.retry_after = retry_after


class ModelAnswerUnusable(ModelError):
    """The model answered with nothing usable."""

    permanent = False


class AddressRefused(DarkroomError):
    """The mail server refuses the recipient for good."""


class OutsideUnavailable(DarkroomError):
    """A service that we need is away for now."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutsideRefused(DarkroomError):
    """A service that we need refuses us: tried again all the same, so that orders go on once staff mended it."""

    permanent = False


class LinkUnreadable(DarkroomError):
    """A download link is none of ours."""


class CallerError(DarkroomError):
    """Whoever calls the gateway must do something else."""


class KeyRefused(CallerError):
    """There is no API key with the request, or it opens nothing."""


class SignatureRefused(CallerError):
    """A webhook's signature does not fit, or is too old."""


class NotAllowed(CallerError):
    """The key may not do this."""


class TooManyRequests(CallerError):
    """The caller is too fast."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IdempotencyKeyReused(CallerError):
    """The Idempotency-Key was used for something else before."""


class IllegalMove(DarkroomError):
    """A status was to follow another that it may not follow."""
