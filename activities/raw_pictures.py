"""The raw pictures of an attempt as the model made them: stored at once, so that none is paid for twice."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from temporalio import activity

from activities.call_recorder import CallRecorder
from activities.results import Results
from domain.attempts.ledger import CallRecord, MadeBy
from domain.attempts.work import ProduceInput
from domain.order.lineup import Lineup
from domain.ports import EncodedImage, Files, ImageModel, Imaging, Wish
from domain.vocabulary import ids
from domain.vocabulary.errors import CostLimitReached, ModelRefused, OutsideUnavailable, PictureUnreadable
from domain.vocabulary.outcomes import Outcome

MOST_EDGES = 3  # a picture narrower than a model accepts by a larger factor would be mostly padding


class RawPictures:
    """Has raw pictures made by a model, unless an earlier try of the same attempt has stored them."""

    def __init__(
        self,
        files: Files,
        imaging: Imaging,
        recorder: CallRecorder,
        lineup: Lineup,
        results: Results,
    ) -> None:
        self._files = files
        self._imaging = imaging
        self._recorder = recorder
        self._lineup = lineup
        self._results = results

    async def obtain(
        self, request: ProduceInput, original: EncodedImage, wish: Wish, model: ImageModel
    ) -> tuple[MadeBy, list[EncodedImage]]:
        """Return by which call the raw pictures were made, and the pictures: those stored, or new ones.

        Raises ModelError, CostLimitReached.
        """
        if stored := await self._stored(request):
            return await self._recorder.ledger.recover_call(request.task_id, request.attempt), stored
        record = self._record(request, wish, model)
        await self._keep_within_limit(request, record)
        sent = await self._model_input(request, original, model)
        async with self._recorder.recorded(record, sent) as entry:
            if activity.info().attempt > 1 and await self._stored(request):
                raise OutsideUnavailable("a worker that was presumed dead has made the pictures meanwhile")
            made = await model.generate(sent, wish, request.aspect_ratio)
            entry.call, entry.parameters = made.call, made.parameters
            await self._store(request, made.images)
        return MadeBy(record.call_id, made.call.provider, made.call.model), list(made.images)

    async def _model_input(self, request: ProduceInput, original: EncodedImage, model: ImageModel) -> EncodedImage:
        """Return the picture to send to the model: the original, or a copy that it accepts. Raises ModelRefused."""
        width, height, takes = request.original.width, request.original.height, model.takes
        if takes.is_too_narrow(width, height, MOST_EDGES):
            raise ModelRefused(f"{model.provider} takes no picture of {width}x{height} pixels", Outcome.BAD_INPUT)
        if takes.allow(original, width, height):
            return original
        try:
            return await self._imaging.reduced(original, takes, request.aspect_ratio)
        except PictureUnreadable as error:
            raise ModelRefused(str(error), Outcome.BAD_INPUT, why=error.told) from error

    async def _keep_within_limit(self, request: ProduceInput, record: CallRecord) -> None:
        """Raise CostLimitReached if the call would exceed the limit, counting retries that may have been billed."""
        spent = await self._recorder.spent(request.task_id)
        if not request.is_unlimited and not self._lineup.can_afford(spent, record.expected_cost):
            limit = self._lineup.cost_limit
            raise CostLimitReached(f"{spent.most:.2f} spent, {record.expected_cost:.2f} more would pass {limit}")

    async def _stored(self, request: ProduceInput) -> list[EncodedImage]:
        """Return what an earlier attempt stored. The first picture is stored last, so if it exists all do."""
        found: list[EncodedImage] = []
        while key := await self._files.find(f"{base_key(request, len(found) + 1)}."):
            found.append(await self._files.get(key))
        return found

    async def _store(self, request: ProduceInput, pictures: Sequence[EncodedImage]) -> None:
        for number, raw in reversed(list(enumerate(pictures, 1))):
            await self._recorder.keep(partial(self._results.put_picture, base_key(request, number), raw))

    def _record(self, request: ProduceInput, wish: Wish, model: ImageModel) -> CallRecord:
        return CallRecord(
            call_id=call_id(request),
            task_id=request.task_id,
            attempt=request.attempt,
            kind="image",
            provider=model.provider,
            model=model.model,
            prompt=request.prompt,
            input_key=request.original.key,
            size=f"{request.size.width}x{request.size.height}" if request.size else "",
            parameters={"aspect_ratio": request.aspect_ratio, **model.parameters(wish, request.aspect_ratio)},
            expected_cost=self._cost_of(model),
        )

    def _cost_of(self, model: ImageModel) -> Decimal:
        offers = self._lineup.offers
        return next((o.cost for o in offers if (o.provider, o.model) == (model.provider, model.model)), Decimal(0))


def call_id(request: ProduceInput) -> str:
    """Return the id of the call that this try of the running activity makes."""
    return ids.call_id(request.task_id, request.attempt, activity.info().attempt)


def base_key(request: ProduceInput, number: int) -> str:
    """Return the prefix of the keys of one picture of an attempt."""
    return f"{request.folder}/attempt-{request.attempt}" + (f"-{number}" if number > 1 else "")
