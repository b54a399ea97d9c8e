"""Taking over a finished picture that somebody else made: a designer, staff, another picture AI."""

from temporalio import activity

from activities.heartbeat import heartbeats
from activities.intake import extension
from domain.errors import PictureUnreachable
from domain.pictures import StoredPicture
from domain.ports import EncodedImage, Files, Imaging, Web
from domain.work import Adopted, AdoptInput


class Adoption:
    """Fetches what others made, and stores it like a result of ours."""

    def __init__(self, files: Files, web: Web, imaging: Imaging) -> None:
        self._files = files
        self._web = web
        self._imaging = imaging

    @activity.defn
    async def adopt(self, request: AdoptInput) -> Adopted:
        """Fetch, prove and store a finished picture. Raises PictureUnreachable, PictureUnreadable."""
        async with heartbeats("result of others"):
            made = await self._fetch(request)
            facts = await self._imaging.inspect(made)
            base = f"{request.folder}/attempt-{request.attempt}"
            key = f"{base}-generated.{extension(facts.content_type)}"
            sha256 = await self._files.put(key, made.data, facts.content_type)
            preview = await self._imaging.preview(EncodedImage(made.data, facts.content_type))
            preview_key = f"{base}-preview.{extension(preview.content_type)}"
            await self._files.put(preview_key, preview.data, preview.content_type)
        file = StoredPicture(
            key=key,
            content_type=facts.content_type,
            width=facts.width,
            height=facts.height,
            file_size=len(made.data),
            sha256=sha256,
        )
        return Adopted(file=file, view_key=key, preview_key=preview_key)

    async def _fetch(self, request: AdoptInput) -> EncodedImage:
        if request.image_key:
            try:
                return await self._files.get(request.image_key)
            except KeyError:
                raise PictureUnreachable(f"no upload lies under {request.image_key}") from None
        return await self._web.fetch(request.image_url or "")
