"""Intake of a picture: fetch it, validate it, store it as the original, and analyse it."""

from temporalio import activity

from activities.call_recorder import CallRecorder
from activities.failures import is_last_try
from activities.fetching import fetch_picture
from activities.heartbeat import heartbeats
from activities.results import Results, extension
from activities.sending import fit_for_model
from domain.attempts.work import Customer, Examined, ExamineInput
from domain.order.lineup import Lineup
from domain.ports import EncodedImage, Files, Imaging, PictureFacts, Records, Vision, Web
from domain.pricing.ports import ShopSettings
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelError, PictureUnreachable, PictureUnreadable
from domain.vocabulary.pictures import PORTABLE, Analysis, Risk, RiskLevel, StoredPicture


class Intake:
    """Receives customers' pictures."""

    def __init__(
        self,
        files: Files,
        web: Web,
        imaging: Imaging,
        vision: Vision,
        records: Records,
        recorder: CallRecorder,
        settings: ShopSettings,
        lineup: Lineup,
    ) -> None:
        self._recorder = recorder
        self._lineup = lineup
        self._records = records
        self._files = files
        self._web = web
        self._imaging = imaging
        self._vision = vision
        self._settings = settings
        self._results = Results(files, imaging)

    @activity.defn
    async def examine(self, request: ExamineInput) -> Examined:
        """Store the original and analyse it. An unusable picture is an answer, not an error: the customer can fix it.

        The first call for an order also returns the shop's rules, which the order keeps so that changed settings do not
        affect it; the models to choose from; and a returning customer's earlier address, which is offered to them.
        """
        async with heartbeats("first look"):
            found = await self._look_at(request)
            if request.first_of:
                found.rules, found.known_email = await self._settings.rules(), await self._known_email(request.first_of)
                found.lineup = self._lineup
            found.spent = await self._recorder.spent(request.task_id)
        return found

    async def _known_email(self, customer: Customer) -> str | None:
        profile = await self._records.known_customer(customer.acc_id, customer.customer_id)
        return profile.email if profile else None

    async def _look_at(self, request: ExamineInput) -> Examined:
        try:
            sent = await self._picture(request)
            facts = await self._imaging.inspect(sent)
            picture = await self._portable(request, sent, facts)
        except (PictureUnreadable, PictureUnreachable) as error:
            return Examined(refused=error.told)
        key = f"{request.folder}/original.{extension(picture.content_type)}"
        original = await self._results.put_proved(key, picture, facts)
        if request.analysis:
            return Examined(original=original, analysis=request.analysis, more=facts.more)
        found = await self._analyse(request, original, picture)
        return found.model_copy(update={"more": facts.more})

    async def _picture(self, request: ExamineInput) -> EncodedImage:
        for name in ("sent", "original"):  # of an earlier try
            if stored := await self._files.find(f"{request.folder}/{name}."):
                return await self._files.get(stored)
        return await fetch_picture(self._files, self._web, request.image_url, request.image_key)

    async def _portable(self, request: ExamineInput, sent: EncodedImage, facts: PictureFacts) -> EncodedImage:
        """Return the picture in a format that models, browsers and designers open; the file as sent is kept beside."""
        proved = EncodedImage(sent.data, facts.content_type)
        if facts.content_type in PORTABLE and not facts.more:
            return proved
        key = f"{request.folder}/sent.{extension(facts.content_type)}"
        await self._files.put(key, proved.data, proved.content_type)
        return await self._imaging.portable(proved)

    async def _analyse(self, request: ExamineInput, original: StoredPicture, picture: EncodedImage) -> Examined:
        """Analyse the picture. If the model cannot, it counts as low risk, not as no risk, so that staff see it."""
        record = self._recorder.vision_call(
            self._vision, request.task_id, 0, "analysis", prompt=request.words, key=original.key
        )
        sent = await fit_for_model(self._imaging, picture, self._vision.takes)
        try:
            async with self._recorder.recorded(record, sent) as entry:
                analysis, entry.call = await self._vision.analyse(sent, request.words)
        except ModelError as error:
            if not is_last_try(error):
                raise
            seen = Analysis(risk=Risk(level=RiskLevel.LOW))
            return Examined(original=original, analysis=seen, unseen=said("reason.not_analysed", why=error.told))
        return Examined(original=original, analysis=analysis, call=entry.call)
