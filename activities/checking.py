"""The quality check: first the file itself is measured, then a model compares it with what was asked for."""

from temporalio import activity

from activities.heartbeat import heartbeats
from domain.pictures import Look
from domain.ports import Files, Imaging, Records, Vision, Wish
from domain.work import Checked, CheckInput

BROKEN_SCORE = 20  # of 100: the file is not what its operation owes, however good it looks


class Checking:
    """Judges what was made."""

    def __init__(self, files: Files, imaging: Imaging, vision: Vision, records: Records) -> None:
        self._files = files
        self._imaging = imaging
        self._vision = vision
        self._records = records

    @activity.defn
    async def check(self, request: CheckInput) -> Checked:
        """Score a result from 0 to 100. A file that measures wrong needs no model to say so. Raises ModelError."""
        async with heartbeats("quality check"):
            original = await self._files.get(request.original_key)
            file = await self._files.get(request.file_key)
            view = await self._files.get(request.view_key) if request.view_key != request.file_key else file
            wish = Wish(operation=request.operation, prompt=request.prompt, size=request.size)
            measured = await self._imaging.check(original, file, view, wish)
            if measured.issue:
                checked = Checked(look=Look(score=BROKEN_SCORE, issue=measured.issue))
            else:
                look, call = await self._vision.score(original, view, wish)
                checked = Checked(look=look, call=call)
            facts = {**measured.facts, "issue": checked.look.issue, "scored_by": _scorer(checked)}
            await self._records.save_check(request.call_id, checked.look.score, facts)
            return checked


def _scorer(checked: Checked) -> str:
    return f"{checked.call.provider}/{checked.call.model}" if checked.call else "measurement"
