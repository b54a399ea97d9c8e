"""One attempt at a picture: the model's raw pictures, then the deliverables and their check."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from temporalio import activity

from activities.call_recorder import CallRecorder
from activities.checking import Checking
from activities.heartbeat import Pace, Step, paced
from activities.measures import Measures
from activities.raw_pictures import RawPictures, base_key, call_id
from activities.results import Results
from activities.speaking import Speaking
from domain.attempts import policy
from domain.attempts.ledger import MadeBy
from domain.attempts.work import Adopted, Candidate, Checked, CheckInput, Produced, ProduceInput, Trouble
from domain.order import lineup
from domain.order.lineup import Lineup
from domain.order.picture import Choice
from domain.ports import EncodedImage, FileCheck, Files, ImageModel, Imaging, Records, Wish
from domain.pricing.ports import ShopSettings
from domain.story import estimates
from domain.vocabulary.costs import Spent
from domain.vocabulary.errors import (
    CostLimitReached,
    DarkroomError,
    ModelAnswerUnusable,
    ModelError,
    ModelNotSetUp,
    ModelUnavailable,
    PictureUnreadable,
    ProcessingSwitchedOff,
)
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.provenance import made_by_attempt

NEWS_INTERVAL = timedelta(hours=1)  # between notices that a provider's key does not work
MAKING_SECONDS = 9.5 * 60  # an attempt that takes longer hangs; a model may return several pictures


class Finished(NamedTuple):
    """A stored file and what was measured of it; None if that has to be done again."""

    stored: Adopted
    measured: FileCheck | None


class Production:
    """Makes pictures with the models that are currently configured."""

    def __init__(
        self,
        files: Files,
        models: Sequence[ImageModel],
        imaging: Imaging,
        records: Records,
        recorder: CallRecorder,
        lineup: Lineup,
        speaking: Speaking,
        checking: Checking,
        settings: ShopSettings,
        measures: Measures | None = None,
    ) -> None:
        self._files = files
        self._models = {(model.provider, model.model): model for model in models}
        self._imaging = imaging
        self._records = records
        self._recorder = recorder
        self._lineup = lineup
        self._speaking = speaking
        self._checking = checking
        self._pace = Pace()
        self._settings = settings
        self._measures = measures or Measures()
        self._results = Results(files, imaging)
        self._raw_pictures = RawPictures(files, imaging, recorder, lineup, self._results)

    @activity.defn
    async def produce(self, request: ProduceInput) -> Produced:
        """Make the deliverable of an attempt, or one for each picture if the model returns several, and check it.

        If the check fails, what was made and paid for is returned unchecked. Raises ProcessingSwitchedOff,
        CostLimitReached, ModelError. The details of the last two hold what the workflow needs to choose again.
        """
        if not request.is_forced and not await self._settings.is_switched_on():
            raise ProcessingSwitchedOff("automatic processing is switched off")
        async with asyncio.timeout(MAKING_SECONDS):
            made, measured = await self._produced(request)
        made.checked = await self._checked(request, made, measured)
        made.spent = made.checked.spent if made.checked else await self._recorder.spent(request.task_id)
        return made

    async def _produced(self, request: ProduceInput) -> tuple[Produced, dict[str, FileCheck]]:
        """Return what was made, and what was measured by the key of each file."""
        model = self._chosen(request.choice)
        is_patient = bool(request.choice and request.choice.is_patient)
        choice = Choice(provider=model.provider, model=model.model, is_patient=is_patient)
        doing = f"attempt {request.attempt}, {request.operation}, {model.provider} {model.model}"
        step = Step(request.task_id, "making", estimates.making_seconds(request.operation, request.original))
        async with paced(doing, f"{request.operation} {model.provider}", step, self._pace):
            if request.news:
                await self._records.save(request.news)
                self._measures.previews(request.news)
            is_told = await self._speaking.say_best_effort(request.words) if request.words else False
            try:
                made_by, results = await self._make(request, model)
            except (ModelError, CostLimitReached) as error:
                spent = await self._recorder.spent(request.task_id)
                error.tries = None
                error.permanent = await self._is_final(request, choice, error, spent)
                error.details = await self._trouble(request, choice, error, spent)
                raise
        first, *others = (one.stored for one in results)
        made = Produced(
            **first.model_dump(),
            call_id=made_by.call_id,
            provider=made_by.provider,
            model=made_by.model,
            choice=choice,
            others=others,
            is_told=is_told,
            lineup=self._lineup,
        )
        return made, {one.stored.file.key: one.measured for one in results if one.measured}

    async def _checked(
        self, request: ProduceInput, made: Produced, measured: Mapping[str, FileCheck]
    ) -> Checked | None:
        """Return the check of the results; None if they were not checked."""
        if request.threshold is None:
            return None
        candidates = [
            Candidate(file_key=one.file.key, view_key=one.view_key, plain_key=one.plain_key) for one in made.results
        ]
        checked = await self._checking.check_along(
            CheckInput(
                task_id=request.task_id,
                attempt=request.attempt,
                call_id=made.call_id,
                original_key=request.original.key,
                candidates=candidates,
                threshold=request.threshold,
                operation=request.operation,
                prompt=request.prompt,
                size=request.size,
            ),
            measured,
        )
        return checked and checked.model_copy(update={"call": None})

    async def _trouble(
        self, request: ProduceInput, choice: Choice, error: ModelError | CostLimitReached, spent: Spent
    ) -> Trouble:
        is_told = isinstance(error, ModelNotSetUp) and error.permanent
        return Trouble(
            outcome=error.outcome,
            choice=choice,
            lineup=self._lineup,
            spent=spent,
            is_news=is_told and await self._recorder.ledger.claim_notification(call_id(request), NEWS_INTERVAL),
        )

    def _chosen(self, choice: Choice | None) -> ImageModel:
        """Return the chosen model; if none was chosen or it is no longer configured, the current default."""
        usual = next(iter(self._models.values()))
        return self._models.get((choice.provider, choice.model), usual) if choice else usual

    async def _is_final(self, request: ProduceInput, choice: Choice, error: DarkroomError, spent: Spent) -> bool:
        """Whether the attempt ends here: if another provider can take over, give up early on an unavailable one.

        Only attempts that failed because it was unavailable count, not hours without storage or with an invalid key.
        """
        affordable = self._lineup.affordable(request.operation, spent, is_unlimited=request.is_unlimited)
        has_other = bool(lineup.of_other_providers(affordable, {*request.tried, choice.provider}))
        if isinstance(error, ModelNotSetUp):
            return has_other or not choice.is_patient
        if not isinstance(error, ModelUnavailable):
            return True
        wants_long_rest = error.retry_after and error.retry_after > policy.LONGEST_DELAY_WITH_FALLBACK
        if has_other and wants_long_rest:
            return True
        tries = await self._recorder.ledger.tries(request.task_id, request.attempt, policy.AWAY)
        return tries >= (policy.TRIES_WITH_FALLBACK if has_other else policy.TRIES_WITHOUT_FALLBACK)

    async def _make(self, request: ProduceInput, model: ImageModel) -> tuple[MadeBy, list[Finished]]:
        original = await self._files.get(request.original.key)
        wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
        made_by, raw = await self._raw_pictures.obtain(request, original, wish, model)
        results = await self._finish(request, made_by, original, raw, wish)
        for result in results:
            await self._recorder.ledger.save_result(made_by.call_id, result.stored.file, made_by.model)
        return made_by, results

    async def _finish(
        self, request: ProduceInput, made_by: MadeBy, original: EncodedImage, raw: list[EncodedImage], wish: Wish
    ) -> list[Finished]:
        """Make, store and measure each file, leaving out broken ones; raises ModelAnswerUnusable if all are."""
        origin = made_by_attempt(request.task_id, request.attempt, made_by.model)
        finished: list[Finished] = []
        broken: PictureUnreadable | None = None
        for picture in raw:
            try:
                deliverable = await self._imaging.finish(original, picture, wish, origin)
                base = base_key(request, len(finished) + 1)
                shows_label, number = not request.is_label_waived, request.number
                storing = self._results.store(base, deliverable, shows_label=shows_label, number=number)
                finished.append(await _side_by_side(storing, self._checking.measure(original, deliverable, wish)))
            except PictureUnreadable as error:  # the original was validated at intake: the model's picture is broken
                broken = error
        if broken and not finished:
            await self._recorder.ledger.record_outcome(made_by.call_id, Outcome.BROKEN_PICTURE)
            raise ModelAnswerUnusable(str(broken), Outcome.BROKEN_PICTURE, why=broken.told) from broken
        return finished


async def _side_by_side(
    storing: Coroutine[Any, Any, Adopted], measuring: Coroutine[Any, Any, FileCheck | None]
) -> Finished:
    """Store a file and measure it meanwhile, in another imaging process. Raises what storing raises."""
    task = asyncio.create_task(measuring)
    try:
        return Finished(await storing, await task)
    finally:
        task.cancel()
