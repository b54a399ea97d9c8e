"""The state of a picture, as its order tells its dispatch."""

from typing import Literal

from pydantic import Field

from domain.bounds.limits import Count, Words
from domain.texts.phrase import Said
from domain.vocabulary.pictures import Lenient

Standing = Literal["wanted", "shown", "accepted", "cancelled", "withdrawn"]
AT_AN_END: tuple[Standing, ...] = ("accepted", "cancelled", "withdrawn")  # nothing is left for designers to do


class PictureNews(Lenient):
    """The state of a picture; its dispatch is told of every change."""

    standing: Standing = "wanted"
    asked: Count = Field(default=1, description="How many times it was given to designers.")
    round: Count = Field(default=0, description="Of revision.")
    results: Count = Field(
        default=0, description="Results that were processed; one that is not an image is wanted again."
    )
    wish: Words = Field(default="", description="What the customer wants changed.")
    why: Said = Field(default_factory=Said, description="Why it was given to designers again.")
