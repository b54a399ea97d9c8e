"""The quality check: the file is measured, then a model compares it with the request."""

from collections.abc import Mapping
from typing import Any

from temporalio import activity

from activities.call_recorder import CallRecorder
from activities.failures import is_last_try
from activities.heartbeat import Pace, Step, paced
from activities.sending import fit_for_model
from domain.attempts.work import Candidate, Checked, CheckInput, Trouble
from domain.ports import EncodedImage, FileCheck, Files, Imaging, Vision, Wish
from domain.story import estimates
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelError, PictureUnreadable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Look, ModelCall

BROKEN_SCORE = 20  # of 100: the file is not what its operation must deliver, however good it looks
UNMEASURED = said("check.unmeasured")


class Checking:
    """Checks the quality of results."""

    def __init__(
        self, files: Files, imaging: Imaging, vision: Vision, recorder: CallRecorder, language: Language = "zh"
    ) -> None:
        self._files = files
        self._imaging = imaging
        self._vision = vision
        self._recorder = recorder
        self._words = TEXTS[language].say  # for the records
        self._pace = Pace()

    @activity.defn
    async def check(self, request: CheckInput) -> Checked:
        """Score each result from 0 to 100 and return the check of the best one; of equals, the first.

        A file that fails the measurement is not sent to a model. Raises ModelError.
        """
        step = Step(request.task_id, "checking", estimates.CHECKING_SECONDS)
        async with paced("quality check", request.operation, step, self._pace):
            try:
                return await self._best(request)
            except ModelError as error:
                error.details = Trouble(outcome=error.outcome, spent=await self._recorder.spent(request.task_id))
                raise

    async def _best(self, request: CheckInput) -> Checked:
        """Ignore a failure to score one result if it is permanent and others were scored, or if one has passed."""
        original, judged, failure = await self._files.get(request.original_key), list[Checked](), None
        for number in range(len(request.candidates)):
            try:
                judged.append(await self._judge(request, number, original))
            except ModelError as error:
                failure = error
        best = max(judged, key=lambda checked: checked.look.score, default=None)
        if failure and (best is None or (best.outcome is not Outcome.PASSED and not is_last_try(failure))):
            raise failure
        assert best is not None
        assert best.outcome is not None
        await self._recorder.ledger.record_outcome(request.call_id, best.outcome)
        return best.model_copy(update={"spent": await self._recorder.spent(request.task_id)})

    async def _judge(self, request: CheckInput, number: int, original: EncodedImage) -> Checked:
        candidate = request.candidates[number]
        file = await self._files.get(candidate.file_key)
        view = await self._files.get(candidate.view_key) if candidate.view_key != candidate.file_key else file
        wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
        try:
            measured = await self._imaging.check(original, file, view, wish)
        except PictureUnreadable as error:
            measured = FileCheck(UNMEASURED, {"error": str(error)}, Outcome.BROKEN_PICTURE)
        checked = await self._looked_at(request, candidate, measured, (original, view, wish))
        facts: Mapping[str, Any] = {
            **measured.facts,
            "issue": self._words(checked.look.issue),
            "scored_by": _scorer(checked.call),
        }
        await self._recorder.ledger.save_check(request.call_id, candidate.file_key, checked.look.score, facts)
        return checked.model_copy(update={"best": number})

    async def _looked_at(
        self,
        request: CheckInput,
        candidate: Candidate,
        measured: FileCheck,
        pictures: tuple[EncodedImage, EncodedImage, Wish],
    ) -> Checked:
        if measured.issue:
            return Checked(outcome=measured.outcome, look=Look(score=BROKEN_SCORE, issue=measured.issue))
        record = self._recorder.vision_call(
            self._vision,
            request.task_id,
            request.attempt,
            "score",
            prompt=request.prompt,
            key=candidate.view_key,
        )
        original, view, wish = pictures
        before = await fit_for_model(self._imaging, original, self._vision.takes)
        after = await fit_for_model(self._imaging, view, self._vision.takes)
        async with self._recorder.recorded(record) as entry:
            look, call = await self._vision.score(before, after, wish)
            entry.call = call
        return Checked(outcome=_outcome(look, request.threshold), look=look, call=call)


def _outcome(look: Look, threshold: int) -> Outcome:
    return Outcome.PASSED if look.score >= threshold else Outcome.POOR


def _scorer(call: ModelCall | None) -> str:
    return f"{call.provider}/{call.model}" if call else "measurement"
