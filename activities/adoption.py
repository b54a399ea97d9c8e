"""Accepting a finished file that somebody else made: a designer, staff or another picture AI."""

from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio import activity

from activities.fetching import save_file
from activities.heartbeat import heartbeats
from activities.results import Results
from domain.attempts.work import Adopted, AdoptInput
from domain.ports import HANDED_IN, Files, HandedIn, Imaging, Web, Wish
from domain.vocabulary.provenance import Provenance, made_by_attempt

ORIGINAL = "original"


class Adoption:
    """Fetches external results and stores them like our own. They may be large, so they stay on disk."""

    def __init__(self, files: Files, web: Web, imaging: Imaging) -> None:
        self._files = files
        self._web = web
        self._imaging = imaging
        self._results = Results(files, imaging)

    @activity.defn
    async def adopt(self, request: AdoptInput) -> Adopted:
        """Fetch, check and store a finished file. Raises PictureUnreachable, PictureUnreadable.

        Where the operation is known, the file must be of a kind that it owes, meet its requirements, and differ from
        the original.
        """
        async with heartbeats("result of others"):
            with TemporaryDirectory(prefix="darkroom-result-") as scratch:
                folder = Path(scratch)
                await save_file(self._files, self._web, request.image_url, request.image_key, folder / HANDED_IN)
                accepted = await self._imaging.accept(folder, await self._offered(request, folder), _made_by(request))
                return await self._results.store_accepted(_base(request), folder, accepted)

    async def _offered(self, request: AdoptInput, folder: Path) -> HandedIn:
        shows_label = not request.is_label_waived
        if request.operation is None or not request.original_key:
            return HandedIn(shows_label=shows_label, number=request.number)
        await self._files.save(request.original_key, folder / ORIGINAL)
        wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
        return HandedIn(wish, ORIGINAL, shows_label, request.number)


def _made_by(request: AdoptInput) -> Provenance | None:
    return made_by_attempt(request.task_id, request.attempt) if request.is_made_with_model else None


def _base(request: AdoptInput) -> str:
    return f"{request.folder}/attempt-{request.attempt}"
