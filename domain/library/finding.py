"""Searching the library: the request, the result, and the rules on what others' pictures may reveal."""

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
NOBODY = Asker("", "")  # an asker without pictures
MOST_TAGS_SAID = 100  # as sent, before duplicates are removed


class FindRequest(Lenient):
    """What starts a search."""

    customer_id: Id = Field(min_length=1, description="Who asks; their own pictures are found besides shared ones.")
    customer_name: Name = Field(default="", description="Name of the customer.")
    acc_id: Id = Field(
        default="", description="Shop account that they talk to; only their pictures in this shop count."
    )
    acc_type: Name = Field(default="AliWorkbench", description="Platform of the shop.")
    image_url: Link | None = Field(default=None, description="The picture to compare with: http or https, public.")
    image_key: UploadKey | None = Field(default=None, description="Or the key under which it was uploaded.")
    words: Words = Field(default="", description="The customer's words about it; tags that they contain match.")
    tags: list[Name] = Field(
        default_factory=list,
        max_length=MOST_TAGS_SAID,
        description="Tags to search for: the subject, or the work done.",
    )
    limit: int = Field(default=5, ge=1, le=MOST_MATCHES, description="Maximum number of matches.")
    shared_only: bool = Field(default=False, description="Leave out the asker's own pictures.")
    transfer_if_none: bool = Field(default=True, description="Ask a designer if nothing is found.")
    event_id: Name = Field(default="", description="Chosen by the sender; over HTTP a repeat is the same search.")

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
            raise ValueError("give a picture (image_url or image_key), words or tags")
        return self

    @property
    def has_picture(self) -> bool:
        """Whether it has a picture to compare with."""
        return bool(self.image_url or self.image_key)

    @property
    def has_words(self) -> bool:
        """Whether its words or tags contain a search term."""
        return bool(photos.terms_of(self.search()))

    def search(self, likeness: str = "") -> Search:
        """Return the search to run in the library."""
        asker = NOBODY if self.shared_only else Asker(self.customer_id, self.acc_id)
        return Search(asker, likeness=likeness, tags=self.tags, words=self.words, limit=self.limit)


def read_request(request: Any) -> FindRequest:
    """Parse the input of a search workflow. Raises MalformedRequest, naming the invalid field."""
    try:
        return FindRequest.model_validate(request)
    except ValidationError as error:
        raise MalformedRequest(f"invalid search request: {faults(error)}") from error


class Match(Lenient):
    """A picture that was found."""

    photo_id: str = Field(description="Its id in the library.")
    link: str = Field(description="Link to view it; of somebody else's picture, to a cleaned copy.")
    distance: int | None = Field(
        default=None,
        description="Differing bits (of 64) of the perceptual hash; up to 7 it looks alike, above it matched by tags.",
    )
    kind: str = Field(description="original or result.")
    tags: list[str] = Field(
        default_factory=list, description="Its tags; of somebody else's picture, only those asked for."
    )
    is_own: bool = Field(description="It is the asker's own.")
    width: int = Field(description="In pixels.")
    height: int = Field(description="In pixels.")


class Found(Lenient):
    """The result of a search."""

    matches: list[Match] = Field(default_factory=list, description="The most similar first.")
    transfer_id: str | None = Field(default=None, description="The question to designers, if nothing was found.")
    refused: Said = Field(default_factory=Said, description="Why the picture was rejected; the customer can fix it.")


# ---- inputs and outputs of its activities --------------------------------------------------------------------


class LookInput(Lenient):
    """Look at the picture of a search request."""

    image_url: str | None = None
    image_key: str | None = None


class Looked(Lenient):
    """Its perceptual hash; `refused` says why the image was rejected."""

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
    """Return the key of the file that the asker may see, and the name it is saved under.

    Of somebody else's picture that is a cleaned copy under a neutral key, never the file or its name. Of the asker's
    own result that is not delivered yet it is the watermarked preview.
    """
    if not hit.is_own:
        assert hit.shown_key, "a shareable picture has a copy"
        return hit.shown_key, hit.shown_key.rpartition("/")[2]
    if hit.kind == "result" and hit.is_delivered:
        number = int(hit.task_id.rpartition("_")[2])
        return hit.key, ids.finished_name(ids.order_of_task(hit.task_id), number, hit.key)
    key = hit.key if hit.kind == "original" else ids.preview_of(hit.key)
    return key, key.rpartition("/")[2]


def visible_tags(hit: Hit, search: Search) -> list[str]:
    """Return the tags that the asker may see: of somebody else's picture only those they asked for.

    A tag that merely contains what they asked for is hidden: asking for 王 would reveal 王女士的身份证.
    """
    return list(hit.tags) if hit.is_own else photos.tags_named(hit.tags, search)


def designer_question(find: str, request: FindRequest, looked: Looked) -> DispatchRequest:
    """Return the question to designers when nothing was found, without the picture if that was rejected."""
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
