"""One attempt at a picture: the model's raw picture, paid for once, then the file that is owed."""

import asyncio

from temporalio import activity

from activities.heartbeat import heartbeats
from activities.intake import extension
from domain import ids
from domain.errors import ModelAnswerUnusable, ModelError, PictureUnreadable, ProcessingSwitchedOff
from domain.pictures import StoredPicture
from domain.ports import (
    CallRecord,
    Deliverable,
    EncodedImage,
    Files,
    ImageModel,
    Imaging,
    MadeBy,
    PictureFacts,
    Records,
    Wish,
)
from domain.work import Produced, ProduceInput


class Production:
    """Makes pictures."""

    def __init__(
        self, files: Files, model: ImageModel, imaging: Imaging, records: Records, *, is_switched_on: bool = True
    ) -> None:
        self._is_switched_on = is_switched_on
        self._files = files
        self._model = model
        self._imaging = imaging
        self._records = records

    @activity.defn
    async def produce(self, request: ProduceInput) -> Produced:
        """Make the deliverable of an attempt.

        Raises ProcessingSwitchedOff, ModelRefused, ModelUnavailable, ModelAnswerUnusable.
        """
        if not self._is_switched_on and not request.is_forced:
            raise ProcessingSwitchedOff("automatic processing is switched off")
        async with heartbeats(f"attempt {request.attempt}, {request.operation}"):
            if request.news:
                await self._records.save(request.news)
            original = await self._files.get(request.original.key)
            wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
            made_by, raw = await self._raw_picture(request, original, wish)
            deliverable = await self._finish(original, raw, wish)
            produced = await self._store(request, made_by, deliverable)
            await self._records.save_result(made_by.call_id, produced.file, made_by.model)
            return produced

    async def _finish(self, original: EncodedImage, raw: EncodedImage, wish: Wish) -> Deliverable:
        try:
            return await self._imaging.finish(original, raw, wish)
        except PictureUnreadable as error:  # the original was proved at intake: the model's picture is broken
            raise ModelAnswerUnusable(f"the model's picture is broken: {error}") from error

    async def _raw_picture(
        self, request: ProduceInput, original: EncodedImage, wish: Wish
    ) -> tuple[MadeBy, EncodedImage]:
        """Return the raw picture that lies in storage for this attempt, else have it made: it is never paid twice."""
        if key := await self._files.find(f"{_attempt_key(request)}."):
            return await self._records.recover_call(request.task_id, request.attempt), await self._files.get(key)
        call_id = ids.call_id(request.task_id, request.attempt, activity.info().attempt)
        await self._records.open_call(self._record(call_id, request))
        try:
            generation = await self._model.generate(original, wish, request.aspect_ratio)
        except ModelError as error:
            await self._records.fail_call(call_id, str(error), error.finish_reason, error.possibly_billed)
            raise
        except asyncio.CancelledError:  # the order was called off while the model worked
            await asyncio.shield(self._records.fail_call(call_id, "called off", None, possibly_billed=True))
            raise
        raw = generation.image
        await self._files.put(f"{_attempt_key(request)}.{extension(raw.content_type)}", raw.data, raw.content_type)
        await self._records.close_call(call_id, generation.call, generation.parameters)
        return MadeBy(call_id, generation.call.provider, generation.call.model), raw

    def _record(self, call_id: str, request: ProduceInput) -> CallRecord:
        return CallRecord(
            call_id=call_id,
            task_id=request.task_id,
            attempt=request.attempt,
            provider=self._model.provider,
            model=self._model.model,
            prompt=request.prompt,
            input_key=request.original.key,
            size=f"{request.size.width}x{request.size.height}" if request.size else "",
        )

    async def _store(self, request: ProduceInput, made_by: MadeBy, deliverable: Deliverable) -> Produced:
        base = _attempt_key(request)
        facts = await self._imaging.inspect(deliverable.view, ours=True)
        file = await self._put(f"{base}-generated.{deliverable.extension}", deliverable.file, facts)
        view_key = file.key
        if deliverable.view != deliverable.file:
            view_key = f"{base}-view.{extension(deliverable.view.content_type)}"
            await self._files.put(view_key, deliverable.view.data, deliverable.view.content_type)
        preview = await self._imaging.preview(deliverable.view)
        preview_key = f"{base}-preview.{extension(preview.content_type)}"
        await self._files.put(preview_key, preview.data, preview.content_type)
        return Produced(
            call_id=made_by.call_id,
            provider=made_by.provider,
            model=made_by.model,
            file=file,
            view_key=view_key,
            preview_key=preview_key,
        )

    async def _put(self, key: str, file: EncodedImage, shown: PictureFacts) -> StoredPicture:
        sha256 = await self._files.put(key, file.data, file.content_type)
        return StoredPicture(
            key=key,
            content_type=file.content_type,
            width=shown.width,
            height=shown.height,
            file_size=len(file.data),
            sha256=sha256,
        )


def _attempt_key(request: ProduceInput) -> str:
    return f"{request.folder}/attempt-{request.attempt}"
