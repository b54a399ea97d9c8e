"""The tree of errors: what can go wrong for a reason we know.

DarkroomError
├── PictureUnreadable        not a picture, cut off, too large, a format we do not take
├── PictureUnreachable       the address of a picture is refused or answers no picture
├── MalformedRequest         an order, or a search, was started with something that is none
├── ProcessingSwitchedOff    the shop has switched automatic processing off: staff resume the picture
├── ModelError               a provider of pictures or looks; `outcome` says what came of the call
│   ├── ModelRefused         refused for safety or as bad input: the same again will not do
│   ├── ModelNotSetUp        its key, its account or its name is not in order: staff must mend it
│   ├── ModelUnavailable     busy, broken or away: try again, after `retry_after` where it said so
│   └── ModelAnswerUnusable  answered, with nothing we can use: try again
├── CostLimitReached         the attempts at a picture have cost as much as they may
├── AddressRefused           the customer's e-mail address was refused for good
├── LetterTooLarge           the mail server takes no letter of such a size: it may go without its attachments
├── NotYet                   what is waited for has not happened so far: look again, after `retry_after`
├── OutsideUnavailable       storage, mail server, chat bot, staff's robot, dispatch system: away for now, try again
├── OutsideRefused           one of those refuses us: wrong key, wrong set-up; staff must mend it
├── MessageRefused           the chat bot, or staff's robot, refuses this very message for good: the next ones go on
├── ValueRefused             Postgres refuses a value for good: it is set aside, and staff mend it
├── KeyUnusable              no file can lie in storage under such a name
├── Unforeseen               an error that nobody foresaw, met so often that it is left to staff
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
from typing import TYPE_CHECKING, ClassVar

from domain.texts.phrase import Said, said
from domain.vocabulary.outcomes import Outcome

if TYPE_CHECKING:
    from pydantic import BaseModel

    from domain.vocabulary.pictures import ModelCall

LONGEST_DETAIL = 500  # characters of what a provider said


class DarkroomError(Exception):
    """An expected error; `permanent` says that trying the same again cannot help, `tries` how often it is worth it.

    `str(error)` is for logs. People read `told`: a phrase of the catalogue with its values, `error.<class>` where no
    closer reason was given. It travels with the error to the workflow, and so does what `details` hold.
    """

    permanent = True
    tries: int | None = None  # None: for as long as it takes
    retry_after: timedelta | None = None
    details: "BaseModel | None" = None
    is_alone: bool | None = None  # of a service that fails: whether it serves others; None where nobody knows

    def __init__(self, message: str = "", *, why: Said | None = None) -> None:
        super().__init__(message)
        self.why = why

    @property
    def told(self) -> Said:
        """Why, for people to read in their language."""
        return self.why or Said(phrase=f"error.{_snake(type(self).__name__)}")


class PictureUnreadable(DarkroomError):
    """The bytes are no picture that we take; `reason` names why for programs, `values` are what it is told with."""

    def __init__(self, message: str, reason: str = "damaged", **values: str | float) -> None:
        super().__init__(message)
        self.reason = reason
        self.values = values

    @property
    def told(self) -> Said:
        """Why it is not taken, and what would be."""
        return said(f"picture.{self.reason}", **self.values)


class PictureUnreachable(DarkroomError):
    """A picture's address is not allowed, or answers with no picture."""


class MalformedRequest(DarkroomError):
    """The request of an order or a search cannot be understood."""


class ProcessingSwitchedOff(DarkroomError):
    """No picture is made now unless staff want it."""


class ModelError(DarkroomError):
    """A call to a model came to nothing; `possibly_billed` when it may cost all the same.

    `call` holds what is known of it: its tokens, where the provider counted some; `detail` what the provider said, in
    its own words.
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
        """What came of the call."""
        return self.why or said(f"outcome.{self.outcome}", detail=self.detail[:LONGEST_DETAIL])


class ModelRefused(ModelError):
    """The model refuses this picture or prompt."""

    usual_outcome = Outcome.REFUSED


class ModelNotSetUp(ModelError):
    """The model is not ours to use now: staff mend it, and then it goes on."""

    permanent = False
    tries: int | None = 1
    retry_after = timedelta(minutes=5)
    usual_outcome = Outcome.NOT_SET_UP


class ModelUnavailable(ModelError):
    """The model cannot answer now."""

    permanent = False
    tries = 20  # half an hour at 2, 4, 8 ... 64 seconds, then two minutes
    usual_outcome = Outcome.BROKEN


class ModelAnswerUnusable(ModelError):
    """The model answered with nothing usable."""

    permanent = False
    tries: int | None = 3  # each was paid for
    usual_outcome = Outcome.NO_PICTURE


class CostLimitReached(DarkroomError):
    """One more attempt could cost more than the shop wants to spend on a picture."""

    outcome = Outcome.TOO_DEAR


class AddressRefused(DarkroomError):
    """The mail server refuses the recipient for good."""


class LetterTooLarge(DarkroomError):
    """The mail server takes no letter of this size."""


class NotYet(DarkroomError):
    """What an activity waits for has not happened; the next look comes later."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class OutsideUnavailable(DarkroomError):
    """A service that we need is away for now."""

    permanent = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class OutsideRefused(DarkroomError):
    """A service that we need refuses us: tried again all the same, so that orders go on once staff mended it."""

    permanent = False


class MessageRefused(DarkroomError):
    """This message will never be taken, whatever staff mend; others may be."""


class ValueRefused(DarkroomError):
    """Postgres refuses a value for good: by a rule of its table, or because it has no room for it."""


class KeyUnusable(DarkroomError, KeyError):
    """No file can lie under such a key, so none does."""

    __str__ = Exception.__str__


class Unforeseen(DarkroomError):
    """A bug of ours or of a library, or a step that never ends: tried often enough."""


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

    def __init__(self, message: str, *, retry_after: timedelta | None = None, why: Said | None = None) -> None:
        super().__init__(message, why=why)
        self.retry_after = retry_after


class IdempotencyKeyReused(CallerError):
    """The Idempotency-Key was used for something else before."""


class IllegalMove(DarkroomError):
    """A status was to follow another that it may not follow."""


def _snake(name: str) -> str:
    """PictureUnreadable is picture_unreadable."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def away(system: str, detail: str = "") -> Said:
    """Return why something cannot be done now: a system that we need is away; `detail` is what it said itself."""
    return said("error.outside_unavailable", system=system, detail=detail[:LONGEST_DETAIL])


def refuses(system: str, detail: str = "") -> Said:
    """Return why something cannot be done: a system that we need refuses us."""
    return said("error.outside_refused", system=system, detail=detail[:LONGEST_DETAIL])
