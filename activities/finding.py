"""Finding pictures in the library, by their likeness to a given one or by tags."""

from temporalio import activity

from activities.fetching import fetch_picture
from activities.heartbeat import heartbeats
from domain.bounds import budgets
from domain.library import finding
from domain.library.finding import Looked, LookInput, Match, Matches, SearchInput
from domain.library.photos import Hit, Library, Search
from domain.ports import Files, Imaging, Web
from domain.texts.catalogue import Language
from domain.vocabulary.errors import PictureUnreachable, PictureUnreadable


class Finding:
    """Searches the photo library."""

    def __init__(self, files: Files, web: Web, imaging: Imaging, library: Library, language: Language = "zh") -> None:
        self._files = files
        self._web = web
        self._imaging = imaging
        self._library = library
        self._language = language

    @activity.defn(name="look_at_asked_picture")
    async def look(self, request: LookInput) -> Looked:
        """Return the likeness of a picture. An unusable one is an answer, not an error: the customer can fix it."""
        async with heartbeats("look at the asked picture"):
            try:
                picture = await fetch_picture(self._files, self._web, request.image_url, request.image_key)
                facts = await self._imaging.inspect(picture, ours=request.image_key is not None)
            except (PictureUnreadable, PictureUnreachable) as error:
                return Looked(refused=error.told, language=self._language)
        return Looked(likeness=facts.likeness, language=self._language)

    @activity.defn(name="search_library")
    async def search(self, request: SearchInput) -> Matches:
        """Return the best matches, each with what the caller may see."""
        search = request.request.search(request.likeness)
        hits = await self._library.find(search)
        matches = budgets.first((self._match(hit, search) for hit in hits), budgets.FOUND)
        return Matches(matches=matches, language=self._language)

    def _match(self, hit: Hit, search: Search) -> Match:
        return Match(
            photo_id=hit.photo_id,
            link=self._files.link(*finding.visible_file(hit)),
            distance=hit.distance,
            kind=hit.kind,
            tags=finding.visible_tags(hit, search),
            is_own=hit.is_own,
            width=hit.width,
            height=hit.height,
        )
