"""Accepting a finished picture that somebody else made: a designer, staff or another picture AI."""

from temporalio import activity

from activities.fetching import fetch_picture
from activities.heartbeat import heartbeats
from activities.results import Results, extension
from domain.attempts.work import Adopted, AdoptInput
from domain.ports import Deliverable, EncodedImage, Files, Imaging, Web


class Adoption:
    """Fetches external results and stores them like our own."""

    def __init__(self, files: Files, web: Web, imaging: Imaging) -> None:
        self._files = files
        self._web = web
        self._imaging = imaging
        self._results = Results(files, imaging)

    @activity.defn
    async def adopt(self, request: AdoptInput) -> Adopted:
        """Fetch, validate and store a finished picture. Raises PictureUnreachable, PictureUnreadable."""
        async with heartbeats("result of others"):
            made = await fetch_picture(self._files, self._web, request.image_url, request.image_key)
            facts = await self._imaging.inspect(made)
            proved = EncodedImage(made.data, facts.content_type)
            deliverable = Deliverable(proved, proved, extension(facts.content_type))
            base = f"{request.folder}/attempt-{request.attempt}"
            return await self._results.store_proved(base, deliverable, facts)
