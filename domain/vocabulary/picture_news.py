"""Where a picture stands, as its order tells the designers that have it."""

from typing import Literal

from pydantic import Field

from domain.bounds.limits import Count, Words
from domain.texts.phrase import Said
from domain.vocabulary.pictures import Lenient

Standing = Literal["wanted", "shown", "accepted", "cancelled", "withdrawn"]
AT_AN_END: tuple[Standing, ...] = ("accepted", "cancelled", "withdrawn")  # designers have nothing more to do


class PictureNews(Lenient):
    """Where a picture stands; its dispatch is told whenever that changes."""

    standing: Standing = "wanted"
    asked: Count = Field(default=1, description="How often it was given to designers.")
    round: Count = Field(default=0, description="Of revision.")
    results: Count = Field(
        default=0, description="Results that were looked at; one that is no picture is wanted again."
    )
    wish: Words = Field(default="", description="What the customer wants to be changed.")
    why: Said = Field(default_factory=Said, description="Why it was given to designers once more.")
