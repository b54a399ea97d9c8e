"""What a message can lead to, the clause classes that each act allows, and the situation of the order."""

from enum import StrEnum

from pydantic import BaseModel

from domain.vocabulary.status import Status

# An act follows only if every clause is of one of its classes.
TALK = ("talk", "assent")
TO_MAIL = ("address", "void", "delivery", "content", "no_change", "picture", "resend", "missing", *TALK)
TO_ACCEPT = ("content", "no_change", "picture", "delivery", "link", *TALK)
TO_BEGIN_A_ROUND = (
    "refusal",
    "description",
    "contrast",
    "picture",
    "address",
    "delivery",
    "doubtful",
    "content",
    "no_change",
    "vague",
    "sign",
    "time",
    *TALK,
)
TO_ASK_WHAT = (*TO_BEGIN_A_ROUND, "question", "yes", "money", "wait", "media", "void", "link", "missing", "resend")
TO_ASK_BACK = ("address", "doubtful", "delivery", "content", "no_change", "picture", "void", "missing", "resend", *TALK)
TO_NOTE = (
    "description",
    "content",
    "contrast",
    "picture",
    "address",
    "doubtful",
    "delivery",
    "question",
    "time",
    "money",
    "wait",
    "media",
    "vague",
    "sign",
    "yes",
    *TALK,
)
TO_REMEMBER = (
    "address",
    "void",
    "delivery",
    "content",
    "no_change",
    "refusal",
    "description",
    "contrast",
    "picture",
    "vague",
    "sign",
    "yes",
    "time",
    "resend",
    "missing",
    *TALK,
)
TO_SEND_AGAIN = ("resend", "missing", "address", "void", "delivery", "content", *TALK)
TO_SAY_YES = ("yes", "assent", "talk", "content", "no_change", "delivery")


class Act(StrEnum):
    """What the shop does about a customer's message."""

    MAIL = "mail"  # e-mail the finished files
    ACCEPT = "accept"  # the customer accepts the preview; ask where to send the files
    ROUND = "round"  # begin a revision
    ASK_BACK = "ask_back"  # ask about a doubtful address, or about the other pictures
    ASK_WHAT = "ask_what"  # ask what to change, or in which picture
    NOTE = "note"  # a wish: kept before payment, refused after it
    TELL_STAFF = "tell_staff"  # an objection: the order is held until somebody has replied
    NOTHING = "nothing"  # the bot answers


IRREVERSIBLE = frozenset({Act.MAIL, Act.ACCEPT, Act.ROUND})


class Situation(BaseModel):
    """The state of an order when a message arrives. Pictures are counted from 1, in the order they were sent."""

    status: Status
    pictures: int = 1
    shown: list[int] = []  # pictures awaiting a yes or no
    asked: list[int] = []  # pictures that were refused; we asked what to change
    is_asked_which: bool = False  # a refusal named no picture; we asked which
    is_address_offered: bool = False  # we offered the address of the profile, so that a yes accepts it
    is_accepted: bool = False  # the customer has accepted before
    is_held: bool = False  # somebody has to reply to the customer first

    @classmethod
    def of(cls, status: Status, pictures: int = 1) -> "Situation":
        """Return the situation of an order whose pictures all have the same status."""
        numbers = list(range(1, pictures + 1))
        shown, asked = status is Status.AWAITING_CONFIRM, status is Status.REVISION
        return cls(status=status, pictures=pictures, shown=numbers * shown, asked=numbers * asked)

    @property
    def waiting(self) -> list[int]:
        """The pictures that wait for the customer's reply."""
        return [*self.shown, *self.asked]


class Decision(BaseModel):
    """An act, and the number of its picture; None if all are meant or it is unknown."""

    act: Act
    picture: int | None = None
    is_link: bool = False  # by a link in the chat instead of an e-mail
