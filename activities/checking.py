"""The quality check: the file is measured, then a model compares it with the request."""

import asyncio
from collections.abc import Mapping
from typing import Any

from temporalio import activity

from activities.call_recorder import CallRecorder
from activities.failures import is_last_try
from activities.heartbeat import Pace, Step, is_cancel_requested, paced
from activities.measures import Measures
from activities.sending import fit_for_model
from domain.attempts.work import Candidate, Checked, CheckInput, Trouble
from domain.ports import Deliverable, EncodedImage, FileCheck, Files, Imaging, Vision, Wish
from domain.story import estimates
from domain.texts.catalogue import TEXTS, Language
from domain.texts.phrase import said
from domain.vocabulary.errors import ModelError, PictureUnreadable
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import Look, ModelCall

ALONG_SECONDS = 14 * 60.0  # for a check in the activity that made the results
CHECKED = "checked"  # in the facts of a check: the whole of it, for a later try
UNMEASURED = said("check.unmeasured")


class Checking:
    """Checks the quality of results."""

    def __init__(
        self,
        files: Files,
        imaging: Imaging,
        vision: Vision,
        recorder: CallRecorder,
        language: Language = "zh",
        measures: Measures | None = None,
    ) -> None:
        self._files = files
        self._imaging = imaging
        self._vision = vision
        self._recorder = recorder
        self._words = TEXTS[language].say  # for the records
        self._pace = Pace()
        self._measures = measures or Measures()

    @activity.defn
    async def check(self, request: CheckInput) -> Checked:
        """Score each result from 0 to 100 and return the check of the best one; of equals, the first.

        A file that fails the measurement is not sent to a model, and one that has a score already is not scored again.
        Raises ModelError.
        """
        try:
            return await self._check(request, {}, is_repeat=True)
        except ModelError as error:
            error.details = Trouble(outcome=error.outcome, spent=await self._recorder.spent(request.task_id))
            raise

    async def measure(self, original: EncodedImage, made: Deliverable, wish: Wish) -> FileCheck | None:
        """Measure a file that is not stored yet; None if that fails, so that `check_along` does it again."""
        try:
            return await self._measured(original, made.file, made.view, wish)
        except Exception as error:  # noqa: BLE001 - the file is paid for: it is stored all the same
            activity.logger.info("the file will be measured again: %r", error)
        return None

    async def _measured(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        try:
            return await self._imaging.check(original, file, view, wish)
        except PictureUnreadable as error:
            return FileCheck(UNMEASURED, {"error": str(error)}, Outcome.BROKEN_PICTURE)

    async def check_along(self, request: CheckInput, measured: Mapping[str, FileCheck]) -> Checked | None:
        """Check results in the activity that has just made them; `measured`: by the keys of the files.

        None if that fails or is called off: they are paid for, so the caller keeps them to be checked by `check`.
        """
        try:
            async with asyncio.timeout(ALONG_SECONDS):
                return await self._check(request, measured, is_repeat=activity.info().attempt > 1)
        except asyncio.CancelledError:
            if not is_cancel_requested():  # the worker shuts down: a retry goes on
                raise
        except Exception as error:  # noqa: BLE001 - `check` meets it again, retries it and reports it
            activity.logger.info("the check is left to an activity of its own: %r", error)
        return None

    async def _check(self, request: CheckInput, measured: Mapping[str, FileCheck], *, is_repeat: bool) -> Checked:
        """Check all results; `is_repeat`: an earlier try may have scored some of them."""
        step = Step(request.task_id, "checking", estimates.CHECKING_SECONDS)
        async with paced("quality check", request.operation, step, self._pace):
            return await self._best(request, measured, is_repeat=is_repeat)

    async def _best(self, request: CheckInput, measured: Mapping[str, FileCheck], *, is_repeat: bool) -> Checked:
        """Ignore a failure to score one result if it is permanent and others were scored, or if one has passed."""
        original, judged, failure = await self._files.get(request.original_key), list[Checked](), None
        for number, candidate in enumerate(request.candidates):
            try:
                known = await self._known(request.call_id, candidate) if is_repeat else None
                found = measured.get(candidate.file_key)
                checked = known or await self._judge(request, candidate, original, found)
                judged.append(checked.model_copy(update={"best": number}))
            except ModelError as error:
                failure = error
        best = max(judged, key=lambda checked: checked.look.score, default=None)
        if failure and (best is None or (best.outcome is not Outcome.PASSED and not is_last_try(failure))):
            raise failure
        assert best is not None
        assert best.outcome is not None
        await self._recorder.ledger.record_outcome(request.call_id, best.outcome)
        return best.model_copy(update={"spent": await self._recorder.spent(request.task_id)})

    async def _known(self, call_id: str, candidate: Candidate) -> Checked | None:
        """Return the check of a result by a try that ended before its answer arrived."""
        facts = await self._recorder.ledger.known_check(call_id, candidate.file_key)
        return Checked.model_validate(facts[CHECKED]) if facts and CHECKED in facts else None

    async def _judge(
        self, request: CheckInput, candidate: Candidate, original: EncodedImage, found: FileCheck | None
    ) -> Checked:
        file = await self._files.get(candidate.checked_key)
        is_file = candidate.seen_key == candidate.checked_key
        view = file if is_file else await self._files.get(candidate.seen_key)
        wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
        measured = found or await self._measured(original, file, view, wish)
        checked = await self._looked_at(request, candidate, measured, (original, view, wish))
        facts: Mapping[str, Any] = {
            **measured.facts,
            "issue": self._words(checked.look.issue),
            "scored_by": _scorer(checked.call),
            CHECKED: checked.model_dump(mode="json", exclude_defaults=True),
        }
        await self._recorder.ledger.save_check(request.call_id, candidate.file_key, checked.look.score, facts)
        if checked.outcome:
            self._measures.score(request.operation, checked.outcome, checked.look.score)
        return checked

    async def _looked_at(
        self,
        request: CheckInput,
        candidate: Candidate,
        measured: FileCheck,
        pictures: tuple[EncodedImage, EncodedImage, Wish],
    ) -> Checked:
        if measured.issue:
            look = Look(score=measured.score, issue=measured.issue, next_step=measured.next_step)
            return Checked(outcome=measured.outcome, look=look)
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
        async with self._recorder.recorded(record, before, after) as entry:
            look, call = await self._vision.score(before, after, wish)
            entry.call = call
        return Checked(outcome=_outcome(look, request.threshold), look=look, call=call)


def _outcome(look: Look, threshold: int) -> Outcome:
    return Outcome.PASSED if look.score >= threshold else Outcome.POOR


def _scorer(call: ModelCall | None) -> str:
    return f"{call.provider}/{call.model}" if call else "measurement"
