"""Looking for a picture in the library: what is asked, what is answered, and what nobody else's picture may tell."""

from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from domain.bounds.limits import Id, Link, Name, Words
from domain.designers.dispatch import DispatchRequest
from domain.library import photos
from domain.library.photos import Asker, Hit, Search
from domain.texts.catalogue import Language
from domain.texts.phrase import Said, said
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.ids import UploadKey
from domain.vocabulary.pictures import Lenient
from domain.vocabulary.validation import faults

MOST_MATCHES = 20
NOBODY = Asker("", "")  # who has no pictures
MOST_TAGS_SAID = 100  # as they come; those that are one count as one


class FindRequest(Lenient):
    """What starts a search."""

    customer_id: Id = Field(min_length=1, description="Who asks: beside shared pictures, their own are found.")
    customer_name: Name = Field(default="", description="How they are called.")
    acc_id: Id = Field(default="", description="Shop account that they talk to; their pictures are those of it.")
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    image_url: Link | None = Field(default=None, description="The picture to compare with: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    words: Words = Field(default="", description="The customer's words about it; tags that stand in them count.")
    tags: list[Name] = Field(
        default_factory=list, max_length=MOST_TAGS_SAID, description="What is to be seen, or was done, tag by tag."
    )
    limit: int = Field(default=5, ge=1, le=MOST_MATCHES, description="At most so many matches.")
    shared_only: bool = Field(default=False, description="Leave the asker's own pictures out.")
    transfer_if_none: bool = Field(default=True, description="Ask a designer where nothing is found.")
    event_id: Name = Field(default="", description="Chosen by the sender; over HTTP the same again is one search.")

    @field_validator("tags", mode="before")
    @classmethod
    def _tags_may_be_words(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("tags", mode="after")
    @classmethod
    def _tags_are_few(cls, value: list[str]) -> list[str]:
        return photos.tags_in(value)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.has_picture or self.has_words):
            raise ValueError("name a picture by image_url or image_key, or words, or tags")
        return self

    @property
    def has_picture(self) -> bool:
        """Whether it shows a picture to compare with."""
        return bool(self.image_url or self.image_key)

    @property
    def has_words(self) -> bool:
        """Whether it says anything that tags may hold."""
        return bool(photos.terms_of(self.search()))

    def search(self, likeness: str = "") -> Search:
        """Return what the library is asked."""
        asker = NOBODY if self.shared_only else Asker(self.customer_id, self.acc_id)
        return Search(asker, likeness=likeness, tags=self.tags, words=self.words, limit=self.limit)


def read_request(request: Any) -> FindRequest:
    """Make a search of what its workflow was started with. Raises MalformedRequest, saying which field is wrong."""
    try:
        return FindRequest.model_validate(request)
    except ValidationError as error:
        raise MalformedRequest(f"This looks for no picture: {faults(error)}") from error


class Match(Lenient):
    """A picture that was found."""

    photo_id: str = Field(description="Its id in the library.")
    link: str = Field(description="Where it is to be seen; of somebody else's picture, a cleaned copy.")
    distance: int | None = Field(
        default=None,
        description="In how many of 64 bits its likeness differs: up to 7 it looks alike, beyond its tags brought it.",
    )
    kind: str = Field(description="original or result.")
    tags: list[str] = Field(
        default_factory=list, description="Its tags; of somebody else's picture, those that the question says."
    )
    is_own: bool = Field(description="It is the asker's own.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")


class Found(Lenient):
    """What a search came to."""

    matches: list[Match] = Field(default_factory=list, description="The best first: what looks most alike.")
    transfer_id: str | None = Field(default=None, description="The question to designers, where nothing was found.")
    refused: Said = Field(
        default_factory=Said, description="Why the picture could not be looked at; the customer can mend it."
    )


# ---- what its activities are given, and give back --------------------------------------------------------------------


class LookInput(Lenient):
    """Look at the picture that is asked with."""

    image_url: str | None = None
    image_key: str | None = None


class Looked(Lenient):
    """What it looks like; `refused` says why it is no picture we can take."""

    likeness: str = ""
    language: Language = "zh"  # of the staff
    refused: Said = Field(default_factory=Said)


class SearchInput(Lenient):
    """Search the library."""

    request: FindRequest
    likeness: str = ""


class Matches(Lenient):
    """What was found."""

    matches: list[Match]
    language: Language = "zh"  # of the staff


# ---- the rules -------------------------------------------------------------------------------------------------------


def visible_file(hit: Hit) -> tuple[str, str]:
    """Return the key of what the asker may see of a picture, and the name it is saved under.

    Nobody sees a file of somebody else, or its name: a cleaned copy under a neutral key. A result of their own that is
    not delivered yet they see as they see it anyhow: as the watermarked preview.
    """
    if not hit.is_own:
        assert hit.shown_key, "what is shareable has a copy"
        return hit.shown_key, hit.shown_key.rpartition("/")[2]
    if hit.kind == "result" and hit.is_delivered:
        number = int(hit.task_id.rpartition("_")[2])
        return hit.key, ids.finished_name(ids.order_of_task(hit.task_id), number, hit.key)
    key = hit.key if hit.kind == "original" else ids.preview_of(hit.key)
    return key, key.rpartition("/")[2]


def visible_tags(hit: Hit, search: Search) -> list[str]:
    """Return the tags that the asker may read: of somebody else's picture those they said, which they know.

    A tag that only holds what they said stays untold: asked for 王, it would tell of 王女士的身份证.
    """
    return list(hit.tags) if hit.is_own else photos.tags_named(hit.tags, search)


def designer_question(find: str, request: FindRequest, looked: Looked) -> DispatchRequest:
    """Return what designers are asked where nothing was found; a picture that cannot be had is not shown to them."""
    words = "; ".join(filter(None, [request.words, *request.tags]))
    is_seen = not looked.refused
    return DispatchRequest(
        task_id=ids.transfer_of_find(find),
        customer_id=request.customer_id,
        customer_name=request.customer_name,
        acc_id=request.acc_id,
        acc_type=request.acc_type,
        why=said("reason.nothing_like_it", words=words),
        image_key=request.image_key if is_seen else None,
        image_url=request.image_url if is_seen else None,
    )
