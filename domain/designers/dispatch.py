"""A dispatch: one picture that human designers are to do. What starts it, what it knows, what its activities are given.

It is a workflow of its own, so that it outlives the runs of its order, and a question can be dispatched without one.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from domain.bounds.limits import Count, Link, Name, Wishes, Words
from domain.order.messages import DesignerFinished
from domain.texts.catalogue import Language
from domain.texts.phrase import Said, written
from domain.vocabulary import ids
from domain.vocabulary.ids import StorageKey
from domain.vocabulary.picture_news import PictureNews
from domain.vocabulary.pictures import Lenient, Operation
from domain.vocabulary.recipient import Recipient
from domain.vocabulary.rules import DesignerRules
from domain.vocabulary.trail import JournalEntry, Notice, Outgoing

# ---- what starts it --------------------------------------------------------------------------------------------------


class DispatchRequest(Lenient):
    """What starts a dispatch; without an order it is a question, which its customer is answered."""

    task_id: Name = Field(min_length=1, description="The picture's task, or the id of a transfer without an order.")
    order_id: Name | None = Field(
        default=None, pattern=ids.ORDER_ID_PATTERN, description="The order that waits for it."
    )
    number: Count = Field(default=1, description="Which dispatch of this picture it is.")
    customer_id: Name = Field(min_length=1, description="The platform's id of the customer.")
    customer_name: Name = Field(default="", description="How they are called.")
    acc_id: Name = Field(default="", description="Shop account that the customer talks to.")
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    reason: Words = Field(default="", description="Why a designer is to do it; the question, where there is no order.")
    why: Said = Field(default_factory=Said, description="The same as a phrase, where the order of the picture says it.")
    image_key: StorageKey | None = Field(default=None, description="Key of the picture.")
    image_url: Link | None = Field(default=None, description="Or where it is to be seen.")
    shown_key: StorageKey | None = Field(default=None, description="Key of what the customer was shown so far.")
    operation: Operation | None = Field(default=None, description="What is to be done.")
    wishes: Wishes = Field(default_factory=list, description="What the customer wants, oldest first.")
    designer: Name = Field(default="", description="Who did it before: they do it again.")
    news: PictureNews = Field(default_factory=PictureNews, description="Where the picture stands in its order.")

    @property
    def because(self) -> Said:
        """Why a designer is to do it, or what is asked."""
        return self.why or written(self.reason)

    @property
    def recipient(self) -> Recipient:
        """The customer as the chat platform knows them."""
        return Recipient(self.customer_id, self.acc_id, self.acc_type)

    @property
    def marker(self) -> str:
        """The first line of the task's description in the dispatch system: by it the task is found again."""
        return f"订单 {self.task_id}" + (f" 第{self.number}次" if self.number > 1 else "")


# ---- what it knows ---------------------------------------------------------------------------------------------------


class ToOrder(BaseModel):
    """A signal that the order of a dispatch has not had yet."""

    signal: str
    payload: dict[str, Any]


class DesignerAnswer(BaseModel):
    """What a question was answered: words, a picture, or both."""

    notes: str = ""
    picture_key: str | None = None
    preview_key: str | None = None


class DispatchState(BaseModel):
    """Everything that is known of a dispatch; its workflow holds one of these and nothing else."""

    dispatch_id: str
    request: DispatchRequest
    rules: DesignerRules | None = None  # until the worker has told them
    is_by_hand: bool = False  # no dispatch system is set up: staff find a designer, and hand the picture in
    dispatch_task_id: str = ""  # the dispatch system's id
    designer: str = ""
    had_it: list[str] = Field(default_factory=list)  # and did not accept it in time
    is_nobody_there: bool = False
    work_since: datetime  # when the present piece of work began: designers have so long from then
    assigned_at: datetime | None = None
    is_accepted: bool = False
    is_lease_over: bool = False  # it was not accepted in time: somebody else may have it
    known_result: str = ""  # address of the last one that was taken from the dispatch system
    is_finished_there: bool = False  # its task needs no closing any more
    wish: str = ""  # of the present revision
    is_wish_told: bool = True  # to the designer
    is_look_due: bool = False  # what stands in its task lay before the customer, who wants it otherwise
    news: PictureNews  # the last of its order
    results: list[DesignerFinished] = Field(default_factory=list)  # of a dispatch without an order: not handed over yet
    answer: DesignerAnswer | None = None  # that the customer of a dispatch without an order was given
    is_shown: bool = False  # the order has a result, and waits for the customer's word
    is_late_told: bool = False
    is_given_up: bool = False
    is_in_trouble: bool = False  # the dispatch system does not answer; staff know
    closing: str = ""  # the phrase with which its task is closed
    is_closed: bool = False
    for_order: list[ToOrder] = Field(default_factory=list)
    outbox: list[Outgoing] = Field(default_factory=list)
    notices: list[Notice] = Field(default_factory=list)
    journal: list[JournalEntry] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)  # events that were heard, the last ones
    serial: int = 0

    @property
    def language(self) -> Language:
        """What staff read."""
        return self.rules.language if self.rules else "zh"


class DispatchOutcome(Lenient):
    """How a dispatch ended."""

    task_id: str
    dispatch_task_id: str
    designer: str
    closing: str


# ---- what its activities are given, and give back --------------------------------------------------------------------


class OpenInput(Lenient):
    """Create the task in the dispatch system, once."""

    dispatch_id: str
    request: DispatchRequest


class Opened(Lenient):
    """The task's id, and the rules that hold; no id where no dispatch system is set up."""

    rules: DesignerRules
    dispatch_task_id: str = ""


class LookInput(Lenient):
    """Look at a task before it is worked on once more."""

    dispatch_task_id: str


class Looked(Lenient):
    """How a task stands whose picture lay before the customer."""

    is_finished: bool = False
    result_url: str | None = None


class AssignInput(Lenient):
    """Give a task to a designer who is there."""

    dispatch_id: str
    dispatch_task_id: str
    request: DispatchRequest
    holder: str = ""  # who has it, and keeps it if nobody else is there, or they have accepted meanwhile
    had_it: list[str] = Field(default_factory=list)
    known_result: str = ""  # has been taken; a newer one is handed in, and stays with whoever made it
    wish: str = ""  # of the present revision
    is_for_holder: bool = False  # who is to know of the wish, and keeps the task
    is_patient: bool = False  # wait until somebody is there


class Assigned(Lenient):
    """Who has the task; nobody where nobody is there, or where somebody is at it whom the system does not name."""

    designer: str = ""
    is_accepted: bool = False
    is_over: bool = False  # it was finished before its holder could know of the wish
    is_away: bool = False  # whoever has it, because they had it before, is not online now


class WatchInput(Lenient):
    """Wait until a task is finished, or accepted where that is waited for first."""

    dispatch_id: str
    dispatch_task_id: str
    is_acceptance_awaited: bool = False
    known_result: str = ""  # has been taken; it may still stand there
    is_patient: bool = True  # wait until something came of it, else look once


class Watched(Lenient):
    """How a task stands that was waited for: finished, with a result that is new, or else accepted."""

    is_unchanged: bool = False  # nothing came of it: the impatient know that the system answers
    is_finished: bool = False
    result_url: str | None = None


class CloseInput(Lenient):
    """Close the task in the dispatch system, whatever is known of it."""

    dispatch_id: str
    request: DispatchRequest
    dispatch_task_id: str = ""  # unknown where it may have been created all the same: it is looked for
    is_finished_there: bool = False
    closing: str


class Speech(Lenient):
    """What a customer is to be told whose question has no order."""

    to: Recipient
    outbox: list[Outgoing]
