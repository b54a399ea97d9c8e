"""Lines about an order: what customer and staff are to be told, what was changed, what happened."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from domain.texts.phrase import Values


class Outgoing(BaseModel):
    """Something to be told to the customer, by the key of its phrase; its id stays the same over retries."""

    message_id: str
    serial: int
    kind: Literal["text", "image", "hint", "link"]
    phrase: str = ""  # of a text, a hint or links
    fallback: str = ""  # of a hint: what is said when the bot cannot be asked
    values: Values = Field(default_factory=dict)
    image_key: str = ""
    number: int = 0  # of the picture that is shown, where the order has several
    held_until: datetime | None = None  # for the pictures before it, which are still being made
    carried_by: str = ""  # the picture whose work takes it along, so that it needs no report of its own
    links: dict[str, str] = Field(default_factory=dict)  # keys of files, by the names they are saved under
    sizes: dict[str, int] = Field(default_factory=dict)  # of those files in bytes, by the same names


class Posting(BaseModel):
    """A letter of which nobody knows yet whether it went out: another one has another number."""

    number: int
    to: str
    files: list[str]  # their keys


class Notice(BaseModel):
    """Something staff are to be told, by the key of its phrase."""

    notice_id: str
    serial: int
    phrase: str
    values: Values = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)  # values that are links to files, by their keys


ChangeType = Literal["add_note", "modify_operation", "add_requirement"]


class Change(BaseModel):
    """A change of what is wanted of a picture, done or refused."""

    change_id: str
    serial: int
    task_id: str
    change_type: ChangeType
    old: str
    new: str
    at: datetime
    by: Literal["customer", "staff"]
    reason: str = ""  # of staff, who may change what is paid
    refused: str = ""  # why it was not done, by the key of a phrase


class Early(BaseModel):
    """A message about a picture that has not come yet."""

    signal: str
    payload: dict[str, Any]


class JournalEntry(BaseModel):
    """One line of the audit trail: what happened, when, by whom."""

    event_id: str
    serial: int
    at: datetime
    what: str
    by: str = "darkroom"
    task_id: str | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
