"""The acts, the classes of clauses each may follow from, and where an order stands when words reach it."""

from enum import StrEnum

from pydantic import BaseModel

from domain.vocabulary.status import Status

# Every clause must be of one of these, or nothing follows.
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
    """What the shop does about a customer's words."""

    MAIL = "mail"  # the finished files go to an address
    ACCEPT = "accept"  # what lies before the customer is good; then it is asked where to send it
    ROUND = "round"  # a change begins
    ASK_BACK = "ask_back"  # an address is doubtful, or of several pictures some are open
    ASK_WHAT = "ask_what"  # what is to be changed, or on which picture
    NOTE = "note"  # a wish, kept before payment and refused after it
    TELL_STAFF = "tell_staff"  # leaving, a complaint, a call for a person: nothing is done before somebody has spoken
    NOTHING = "nothing"  # the bot answers


IRREVERSIBLE = frozenset({Act.MAIL, Act.ACCEPT, Act.ROUND})


class Situation(BaseModel):
    """Where an order stands when words reach it. Pictures are counted from 1, as the customer sent them."""

    status: Status
    pictures: int = 1
    shown: list[int] = []  # wait for a yes or no
    asked: list[int] = []  # were refused, and we asked what is to be changed
    is_asked_which: bool = False  # a refusal spoke of no picture, and we asked
    is_address_offered: bool = False  # one of the customer's profile; else a yes would mean nothing
    is_accepted: bool = False  # the customer said before that it is good
    is_held: bool = False  # somebody has to speak to the customer first

    @classmethod
    def of(cls, status: Status, pictures: int = 1) -> "Situation":
        """Return the situation of an order whose pictures all stand in one status."""
        numbers = list(range(1, pictures + 1))
        shown, asked = status is Status.AWAITING_CONFIRM, status is Status.REVISION
        return cls(status=status, pictures=pictures, shown=numbers * shown, asked=numbers * asked)

    @property
    def waiting(self) -> list[int]:
        """The pictures that wait for the customer's word."""
        return [*self.shown, *self.asked]


class Decision(BaseModel):
    """An act, and the picture it is about; none where all are meant, or it is not known."""

    act: Act
    picture: int | None = None
    is_link: bool = False  # by a link in the chat instead of a letter
