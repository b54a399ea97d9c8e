"""A customer's profile across their orders, and the tags derived from it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field

from domain.order.order import Order
from domain.order.picture import Picture
from domain.vocabulary.pictures import Complexity, Operation

HISTORY_LENGTH = 20  # tasks

# Thresholds for the tags; money is in the currency of the customer's orders.
RETURNING_ORDERS = 2
REGULAR_ORDERS = 5
HIGH_VALUE_SPENT = Decimal(200)
OFTEN_REVISES_ORDERS = 2
OFTEN_REVISES_AN_ORDER = 2  # revisions, on average
HARD_PICTURES = 3  # and at least half of the remembered ones


class Tag(StrEnum):
    """A kind of customer."""

    NEW = "new"
    RETURNING = "returning"
    REGULAR = "regular"
    HIGH_VALUE = "high_value"
    OFTEN_REVISES = "often_revises"
    HARD_PICTURES = "hard_pictures"

    @property
    def label(self) -> str:
        """The tag as the shop's staff call it, in Chinese."""
        return LABELS[self]


LABELS = {
    Tag.NEW: "新客户",
    Tag.RETURNING: "回头客",
    Tag.REGULAR: "老客户",
    Tag.HIGH_VALUE: "高价值客户",
    Tag.OFTEN_REVISES: "经常修改",
    Tag.HARD_PICTURES: "常做复杂图",
}


class Totals(BaseModel):
    """Totals over all orders of a customer. They are recomputed each time, so a repeat changes nothing."""

    orders: int = 0
    high_value_orders: int = 0
    revisions: int = 0
    spent: Decimal = Decimal(0)  # paid less refunded
    currency: str | None = None  # of the newest order; money in other currencies is not counted


class Source(BaseModel):
    """The snapshot of an order that a fact comes from."""

    order_id: str
    at: datetime  # when the order began
    version: int

    def is_newer_than(self, other: "Source") -> bool:
        """Whether this snapshot takes precedence over the other one."""
        return (self.at, self.version) > (other.at, other.version)


class TaskFact(BaseModel):
    """Something remembered about one task."""

    task_id: str
    at: datetime  # when the order began
    version: int


class Requirement(TaskFact):
    """What the customer wanted for a picture."""

    operation: Operation | None
    requirements: list[str]


class Difficulty(TaskFact):
    """How complex a picture was."""

    complexity: Complexity


Topic = Literal["name", "email", "picture"]  # facts that change together


class Profile(Totals):
    """A customer of a shop. Customer ids come from the platform, so the shop is part of the key."""

    acc_id: str
    customer_id: str
    name: str = ""
    email: str | None = None  # an address that e-mail was sent to
    email_status: Literal["", "sent", "refused"] = ""
    requirement_history: list[Requirement] = Field(default_factory=list)  # newest first, as all histories
    complexity_history: list[Difficulty] = Field(default_factory=list)
    last_picture: str | None = None  # key of the original
    last_prompt: str = ""
    last_aspect_ratio: str = ""
    last_perspective: str = ""
    tags: list[str] = Field(default_factory=list)
    sources: dict[Topic, Source] = Field(default_factory=dict)  # the snapshot that each topic comes from

    @property
    def totals(self) -> Totals:
        """The totals alone."""
        return Totals.model_validate(self.model_dump(include=set(Totals.model_fields)))


def say_the_same(one: Profile, other: Profile) -> bool:
    """Whether all facts of two profiles are the same, whichever versions of their orders they come from."""
    each = {"__all__": {"version"}}
    versions = {"sources": each, "requirement_history": each, "complexity_history": each}
    return one.model_dump(exclude=versions) == other.model_dump(exclude=versions)


def updated_profile(profile: Profile | None, order: Order, totals: Totals) -> Profile:
    """Return the profile with the facts of an order merged in. An older order never overwrites a newer one's facts."""
    known = profile or Profile(acc_id=order.acc_id, customer_id=order.customer_id)
    source = Source(order_id=order.order_id, at=order.created_at, version=order.version)
    told = {
        topic: facts
        for topic, facts in _facts_by_topic(known, order).items()
        if topic not in known.sources or not known.sources[topic].is_newer_than(source)
    }
    fresh = {name: fact for facts in told.values() for name, fact in facts.items()}
    fresh["sources"] = {**known.sources, **dict.fromkeys(told, source)}
    fresh["requirement_history"] = _merged(known.requirement_history, _requirements(order))
    fresh["complexity_history"] = _merged(known.complexity_history, _difficulties(order))
    return with_totals(known.model_copy(update=fresh), totals)


def with_totals(profile: Profile, totals: Totals) -> Profile:
    """Return the profile with these totals and the tags that follow from them."""
    fresh = profile.model_copy(update=dict(totals))
    return fresh.model_copy(update={"tags": tags(fresh)})


def tags(profile: Profile) -> list[str]:
    """Return the tags of a customer. This is the only place with the rules for tags."""
    hard = [one for one in profile.complexity_history if one.complexity in {Complexity.COMPLEX, Complexity.HARD}]
    revises = profile.revisions >= OFTEN_REVISES_AN_ORDER * profile.orders
    rules = {
        Tag.NEW: profile.orders < RETURNING_ORDERS,
        Tag.RETURNING: profile.orders >= RETURNING_ORDERS,
        Tag.REGULAR: profile.orders >= REGULAR_ORDERS,
        Tag.HIGH_VALUE: profile.spent >= HIGH_VALUE_SPENT or profile.high_value_orders > 0,
        Tag.OFTEN_REVISES: profile.orders >= OFTEN_REVISES_ORDERS and revises,
        Tag.HARD_PICTURES: len(hard) >= max(HARD_PICTURES, len(profile.complexity_history) / 2),
    }
    return [tag.value for tag, holds in rules.items() if holds]


def _facts_by_topic(known: Profile, order: Order) -> dict[Topic, dict[str, Any]]:
    facts: dict[Topic, dict[str, Any]] = {}
    if order.customer_name:
        facts["name"] = {"name": order.customer_name}
    if order.email_status == "sent" and order.email:
        facts["email"] = {"email": order.email, "email_status": "sent"}
    elif known.email and known.email == order.refused_email:
        facts["email"] = {"email": None, "email_status": "refused"}
    looked_at = [(picture.original, picture.analysis) for picture in order.pictures]
    for original, analysis in looked_at:  # the last picture wins
        if original and analysis:
            facts["picture"] = {
                "last_picture": original.key,
                "last_prompt": analysis.prompt,
                "last_aspect_ratio": analysis.aspect_ratio,
                "last_perspective": analysis.perspective,
            }
    return facts


def _requirements(order: Order) -> list[Requirement]:
    return [
        Requirement(**_task(order, picture), operation=picture.operation, requirements=picture.requirements)
        for picture in order.pictures
        if picture.operation or picture.requirements
    ]


def _difficulties(order: Order) -> list[Difficulty]:
    return [
        Difficulty(**_task(order, picture), complexity=picture.analysis.complexity)
        for picture in order.pictures
        if picture.analysis and picture.analysis.complexity is not Complexity.UNKNOWN
    ]


def _task(order: Order, picture: Picture) -> dict[str, Any]:
    return {"task_id": picture.task_id, "at": order.created_at, "version": order.version}


Entry = TypeVar("Entry", bound=TaskFact)


def _merged(known: Iterable[Entry], fresh: Iterable[Entry]) -> list[Entry]:
    by_task: dict[str, Entry] = {}
    for entry in [*known, *fresh]:
        if entry.task_id not in by_task or by_task[entry.task_id].version <= entry.version:
            by_task[entry.task_id] = entry
    return sorted(by_task.values(), key=_sort_key, reverse=True)[:HISTORY_LENGTH]


def _sort_key(entry: TaskFact) -> tuple[datetime, int, str]:
    return entry.at, len(entry.task_id), entry.task_id  # picture 10 of an order comes after picture 9
