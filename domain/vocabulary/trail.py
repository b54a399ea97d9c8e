"""Pending messages and notices, changes of the request, and journal entries."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from domain.texts.phrase import Values


class Outgoing(BaseModel):
    """A message to the customer, by the key of its phrase. The id stays the same over retries."""

    message_id: str
    serial: int
    kind: Literal["text", "image", "hint", "link"]
    phrase: str = ""  # of a text, a hint or links
    fallback: str = ""  # of a hint: the phrase sent if the bot is unavailable
    values: Values = Field(default_factory=dict)
    image_key: str = ""
    number: int = 0  # of the picture shown, if the order has several
    held_until: datetime | None = None  # waiting for earlier pictures that are still being made
    carried_by: str = ""  # the task whose work delivers it, so that it needs no report
    links: dict[str, str] = Field(default_factory=dict)  # keys of files, by the names they are saved under
    sizes: dict[str, int] = Field(default_factory=dict)  # of those files in bytes, by the same names


class Posting(BaseModel):
    """An e-mail that is being sent; each e-mail has its own number."""

    number: int
    to: str
    files: list[str]  # their storage keys


class Notice(BaseModel):
    """A notice to staff, by the key of its phrase."""

    notice_id: str
    serial: int
    phrase: str
    values: Values = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)  # values that become links: storage keys by value name


ChangeType = Literal["add_note", "modify_operation", "add_requirement"]


class Change(BaseModel):
    """A change of what was requested for a picture, made or refused."""

    change_id: str
    serial: int
    task_id: str
    change_type: ChangeType
    old: str
    new: str
    at: datetime
    by: Literal["customer", "staff"]
    reason: str = ""  # given by staff, who may change a paid order
    refused: str = ""  # why it was refused: the key of a phrase


class Early(BaseModel):
    """A message about a picture that has not arrived yet."""

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
