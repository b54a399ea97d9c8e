"""Taking a picture in: fetch it, prove it, store it as the original, and look at it."""

import mimetypes

from temporalio import activity

from activities.failures import TRIES
from activities.heartbeat import heartbeats
from domain.errors import ModelAnswerUnusable, ModelRefused, ModelUnavailable, PictureUnreachable, PictureUnreadable
from domain.pictures import Analysis, ModelCall, Risk, RiskLevel, StoredPicture
from domain.ports import EncodedImage, Files, Imaging, Records, Vision, Web
from domain.rules import ShopRules
from domain.work import Customer, Examined, ExamineInput


def extension(content_type: str) -> str:
    """Return the usual ending of a content type, without the dot."""
    return {"image/vnd.adobe.photoshop": "psd"}.get(
        content_type, (mimetypes.guess_extension(content_type) or ".bin").removeprefix(".")
    )


class Intake:
    """Takes customers' pictures in."""

    def __init__(
        self, files: Files, web: Web, imaging: Imaging, vision: Vision, records: Records, rules: ShopRules
    ) -> None:
        self._records = records
        self._files = files
        self._web = web
        self._imaging = imaging
        self._vision = vision
        self._rules = rules

    @activity.defn
    async def examine(self, request: ExamineInput) -> Examined:
        """Store the original and analyse it; what is no picture is answered, not raised: the customer can mend it.

        The first look at an order also brings the shop's rules, which it keeps: a change of settings must not steer it;
        and the address that a returning customer gave before, which is offered to them.
        """
        async with heartbeats("first look"):
            found = await self._look_at(request)
            if request.first_of:
                found.rules, found.known_email = self._rules, await self._known_email(request.first_of)
        return found

    async def _known_email(self, customer: Customer) -> str | None:
        profile = await self._records.known_customer(customer.acc_id, customer.customer_id)
        return profile.email if profile else None

    async def _look_at(self, request: ExamineInput) -> Examined:
        try:
            picture = await self._picture(request)
            original = await self._store(request, picture)
        except (PictureUnreadable, PictureUnreachable) as error:
            return Examined(refused=str(error))
        if request.analysis:
            return Examined(original=original, analysis=request.analysis)
        analysis, call = await self._analyse(picture, request.words)
        return Examined(original=original, analysis=analysis, call=call)

    async def _picture(self, request: ExamineInput) -> EncodedImage:
        if stored := await self._files.find(f"{request.folder}/original."):
            return await self._files.get(stored)
        if request.image_key:
            try:
                return await self._files.get(request.image_key)
            except KeyError:
                raise PictureUnreachable(f"no upload lies under {request.image_key}") from None
        if request.image_url:
            return await self._web.fetch(request.image_url)
        raise PictureUnreachable("neither image_url nor image_key was given")

    async def _store(self, request: ExamineInput, picture: EncodedImage) -> StoredPicture:
        facts = await self._imaging.inspect(picture)
        key = f"{request.folder}/original.{extension(facts.content_type)}"
        sha256 = await self._files.put(key, picture.data, facts.content_type)
        return StoredPicture(
            key=key,
            content_type=facts.content_type,
            width=facts.width,
            height=facts.height,
            file_size=len(picture.data),
            sha256=sha256,
        )

    async def _analyse(self, picture: EncodedImage, words: str) -> tuple[Analysis, ModelCall | None]:
        """A picture that the model will not look at is no picture of no risk: staff should see it."""
        try:
            return await self._vision.analyse(picture, words)
        except (ModelRefused, ModelAnswerUnusable, ModelUnavailable) as error:
            if activity.info().attempt < TRIES.get(type(error), 1):
                raise
            return Analysis(risk=Risk(level=RiskLevel.LOW, reasons=[f"not analysed: {error}"])), None
