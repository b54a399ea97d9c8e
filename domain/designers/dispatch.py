"""A dispatch, one picture for human designers: its request, its state, and the inputs and outputs of its activities.

It is a workflow of its own, so that it outlives the runs of its order, and so that a question needs no order.
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

# ---- its request --------------------------------------------------------------------------------------------------


class DispatchRequest(Lenient):
    """What starts a dispatch; without an order it is a question, which its customer is answered."""

    task_id: Name = Field(min_length=1, description="The picture's task, or the id of a transfer without an order.")
    order_id: Name | None = Field(
        default=None, pattern=ids.ORDER_ID_PATTERN, description="The order that waits for it."
    )
    number: Count = Field(default=1, description="Number of this dispatch of the picture.")
    customer_id: Name = Field(min_length=1, description="The platform's id of the customer.")
    customer_name: Name = Field(default="", description="Name of the customer.")
    acc_id: Name = Field(default="", description="Shop account that the customer talks to.")
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    reason: Words = Field(default="", description="Why a designer is needed; without an order, the question.")
    why: Said = Field(default_factory=Said, description="The same as a phrase, if the order gives the reason.")
    image_key: StorageKey | None = Field(default=None, description="Key of the picture.")
    image_url: Link | None = Field(default=None, description="Or its URL.")
    shown_key: StorageKey | None = Field(default=None, description="Key of the result that the customer was shown.")
    operation: Operation | None = Field(default=None, description="What is to be done.")
    wishes: Wishes = Field(default_factory=list, description="What the customer wants, oldest first.")
    designer: Name = Field(default="", description="Who had it before and gets it again.")
    news: PictureNews = Field(default_factory=PictureNews, description="The state of the picture in its order.")

    @property
    def because(self) -> Said:
        """Why a designer is needed, or the question."""
        return self.why or written(self.reason)

    @property
    def recipient(self) -> Recipient:
        """The customer as the chat platform knows them."""
        return Recipient(self.customer_id, self.acc_id, self.acc_type)

    @property
    def marker(self) -> str:
        """The first line of the task's description in the dispatch system, by which the task is found again."""
        return f"订单 {self.task_id}" + (f" 第{self.number}次" if self.number > 1 else "")


# ---- its state ---------------------------------------------------------------------------------------------------


class ToOrder(BaseModel):
    """A signal to be sent to the order of a dispatch."""

    signal: str
    payload: dict[str, Any]


class DesignerAnswer(BaseModel):
    """The answer to a question: text, an image, or both."""

    notes: str = ""
    picture_key: str | None = None
    preview_key: str | None = None


class DispatchState(BaseModel):
    """The whole state of a dispatch workflow."""

    dispatch_id: str
    request: DispatchRequest
    rules: DesignerRules | None = None  # None until a worker has provided them
    is_by_hand: bool = False  # no dispatch system: staff find a designer and submit the result
    dispatch_task_id: str = ""  # the dispatch system's id
    designer: str = ""
    had_it: list[str] = Field(default_factory=list)  # designers who did not accept it in time
    is_nobody_there: bool = False
    work_since: datetime  # when the current work began; deadlines count from here
    assigned_at: datetime | None = None
    is_accepted: bool = False
    is_lease_over: bool = False  # not accepted in time: another designer may get it
    known_result: str = ""  # URL of the last result taken from the dispatch system
    is_finished_there: bool = False  # its task is closed already
    wish: str = ""  # of the current revision
    is_wish_told: bool = True  # to the designer
    is_look_due: bool = False  # the task holds a result that the customer wants changed
    news: PictureNews  # the latest from its order
    results: list[DesignerFinished] = Field(default_factory=list)  # of a question: not passed on yet
    answer: DesignerAnswer | None = None  # of a question: sent to its customer
    is_shown: bool = False  # the order has a result and waits for the customer's reply
    is_late_told: bool = False
    is_given_up: bool = False
    is_in_trouble: bool = False  # the dispatch system fails; staff were told
    closing: str = ""  # the phrase with which its task is closed
    is_closed: bool = False
    for_order: list[ToOrder] = Field(default_factory=list)
    outbox: list[Outgoing] = Field(default_factory=list)
    notices: list[Notice] = Field(default_factory=list)
    journal: list[JournalEntry] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)  # digests of the last events received
    serial: int = 0

    @property
    def language(self) -> Language:
        """The language of the staff."""
        return self.rules.language if self.rules else "zh"


class DispatchOutcome(Lenient):
    """How a dispatch ended."""

    task_id: str
    dispatch_task_id: str
    designer: str
    closing: str


# ---- inputs and outputs of its activities --------------------------------------------------------------------


class OpenInput(Lenient):
    """Create the task in the dispatch system, once."""

    dispatch_id: str
    request: DispatchRequest


class Opened(Lenient):
    """The task's id, and the rules that apply; the id is empty if no dispatch system is configured."""

    rules: DesignerRules
    dispatch_task_id: str = ""


class LookInput(Lenient):
    """Look at a task before a revision."""

    dispatch_task_id: str


class Looked(Lenient):
    """The state of a task whose result was shown to the customer."""

    is_finished: bool = False
    result_url: str | None = None


class AssignInput(Lenient):
    """Assign a task to a designer who is online."""

    dispatch_id: str
    dispatch_task_id: str
    request: DispatchRequest
    holder: str = ""  # has it, and keeps it if nobody else is online or they accepted meanwhile
    had_it: list[str] = Field(default_factory=list)
    known_result: str = ""  # was taken already; a newer one was just submitted, and its designer keeps the task
    wish: str = ""  # of the current revision
    is_for_holder: bool = False  # only tell the holder about the wish; they keep the task
    is_patient: bool = False  # wait until somebody is online


class Assigned(Lenient):
    """Who has the task; empty if nobody is online, or if the system does not name who is working on it."""

    designer: str = ""
    is_accepted: bool = False
    is_over: bool = False  # it was finished before its holder could be told the wish
    is_away: bool = False  # it stays with its previous designer, who is offline


class WatchInput(Lenient):
    """Wait until a task is finished, or accepted if that is awaited first."""

    dispatch_id: str
    dispatch_task_id: str
    is_acceptance_awaited: bool = False
    known_result: str = ""  # was taken already; the task may still show it
    is_patient: bool = True  # wait for a change; False: look once


class Watched(Lenient):
    """The new state of a task: finished, with a new result, or accepted."""

    is_unchanged: bool = False  # no change; a single look shows that the system responds
    is_finished: bool = False
    result_url: str | None = None


class CloseInput(Lenient):
    """Close the task in the dispatch system, even if its id is unknown."""

    dispatch_id: str
    request: DispatchRequest
    dispatch_task_id: str = ""  # empty: it may have been created anyway, and is searched for
    is_finished_there: bool = False
    closing: str


class Speech(Lenient):
    """Messages to the customer of a question, which has no order."""

    to: Recipient
    outbox: list[Outgoing]
