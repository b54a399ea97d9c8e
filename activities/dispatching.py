"""Dispatching to human designers: a task is created once, assigned, watched and closed."""

import asyncio
import random
from datetime import timedelta

from temporalio import activity

from activities.heartbeat import heartbeats
from domain.designers.dispatch import (
    Assigned,
    AssignInput,
    CloseInput,
    DispatchRequest,
    Looked,
    LookInput,
    Opened,
    OpenInput,
    Watched,
    WatchInput,
)
from domain.designers.ports import LISTED_AFTER, Dispatch, DispatchRecords
from domain.ports import Files, Phrases
from domain.texts.escaping import one_line
from domain.texts.phrase import Value, mapped
from domain.vocabulary.errors import NotYet, OutsideRefused
from domain.vocabulary.rules import DesignerRules

TAIL = 4  # characters of the customer's id in the name of a task
LONGEST_LIST = 20  # wishes shown to a designer
LONGEST_PAUSE = timedelta(minutes=5)
SLOWER = 1.5  # factor between the pauses before each look at a task


class Dispatching:
    """Talks to the dispatch system, if there is one."""

    def __init__(
        self,
        dispatch: Dispatch | None,
        records: DispatchRecords,
        files: Files,
        phrases: Phrases,
        rules: DesignerRules,
        first_look: timedelta,
    ) -> None:
        self._dispatch = dispatch
        self._records = records
        self._files = files
        self._phrases = phrases
        self._rules = rules
        self._first_look = first_look

    @activity.defn(name="open_dispatch")
    async def open(self, request: OpenInput) -> Opened:
        """Create the task, unless an earlier attempt did so and its reply was lost.

        Nothing that can fail follows the creation: a task that has been assigned by then would not be found again.
        """
        wanted, task_id = request.request, ""
        async with heartbeats("create the task"):
            await self._records.opened(request.dispatch_id, wanted)
            if self._dispatch:
                task_id = await self._dispatch.pending(wanted.marker) or await self._create(self._dispatch, wanted)
        return Opened(rules=self._rules, dispatch_task_id=task_id)

    async def _create(self, dispatch: Dispatch, wanted: DispatchRequest) -> str:
        name = self._say("dispatch_name", customer=wanted.customer_id[-TAIL:])
        return await dispatch.create(name, f"{wanted.marker}\n{self._description(wanted)}")

    def _description(self, wanted: DispatchRequest) -> str:
        told: dict[str, Value] = {
            "dispatch_reason": wanted.because,
            "dispatch_customer": wanted.customer_name or wanted.customer_id,
            "dispatch_operation": wanted.operation or "",
            "dispatch_wishes": list(wanted.wishes[-LONGEST_LIST:]),
            "dispatch_picture": self._link(wanted.image_key) or wanted.image_url or "",
            "dispatch_shown": self._link(wanted.shown_key),
        }
        lines = [self._say(phrase, value=value) for phrase, value in told.items() if value]
        return "\n".join(filter(None, lines))

    def _say(self, phrase: str, **values: Value) -> str:
        """Render a phrase for designers; text from customers is kept on one line."""
        return self._phrases.text(phrase, **{name: mapped(value, one_line) for name, value in values.items()})

    def _link(self, key: str | None) -> str:
        return self._files.link(key, key.rpartition("/")[2]) if key else ""

    @activity.defn(name="look_at_dispatch")
    async def look(self, request: LookInput) -> Looked:
        """Look up a task before it is revised, so that its present result is known to be the old one."""
        assert self._dispatch is not None
        async with heartbeats("look at the task"):
            task = await self._dispatch.task(request.dispatch_task_id)
        return Looked(is_finished=task.is_finished, result_url=task.result_url)

    @activity.defn(name="assign_designer")
    async def assign(self, request: AssignInput) -> Assigned:
        """Assign the task to its previous designer, to the one the system suggests, or to the next in turn.

        Raises NotYet if nobody is online and the request is patient.
        """
        assert self._dispatch is not None
        async with heartbeats("find a designer"):
            found = await self._existing_assignment(self._dispatch, request) or await self._new_assignment(
                self._dispatch, request
            )
            if found.designer and not found.is_over:
                await self._records.assigned(request.dispatch_id, found.designer, request.dispatch_task_id)
        return found

    async def _existing_assignment(self, dispatch: Dispatch, request: AssignInput) -> Assigned | None:
        """Return the present assignment: from an attempt whose reply was lost, made by staff, or just accepted.

        A submitted task stays with its designer, even if the lease has expired.
        """
        task = await dispatch.task(request.dispatch_task_id)
        if request.is_for_holder:
            return Assigned(designer=request.holder, is_over=True) if task.is_finished else None
        if task.is_handed_in(request.known_result) or (request.holder and task.is_accepted):
            return Assigned(designer=task.designer or request.holder, is_accepted=True)
        if not task.designer or task.designer in {request.holder, *request.had_it}:
            return None
        return Assigned(designer=task.designer, is_accepted=task.is_accepted)

    async def _new_assignment(self, dispatch: Dispatch, request: AssignInput) -> Assigned:
        """Assign the task to the preferred designer, else to somebody online; to nobody if nobody is online."""
        if named := self._preferred(request):
            is_away = named not in await dispatch.online()
            if await self._try_assign(dispatch, request, named):
                return Assigned(designer=named, is_away=is_away)
        designer = await self._choose(dispatch, request, refused=named)
        if designer:
            await dispatch.assign(request.dispatch_task_id, designer, self._notes(request, designer))
        return Assigned(designer=designer)

    def _preferred(self, request: AssignInput) -> str:
        """Return the designer who had the task before and should get it, online or not; else an empty name."""
        if request.is_for_holder:
            return request.holder
        return "" if request.holder or request.had_it else request.request.designer

    async def _try_assign(self, dispatch: Dispatch, request: AssignInput, designer: str) -> bool:
        """Assign the task to a designer, and return whether the system accepted: it may no longer know them."""
        try:
            await dispatch.assign(request.dispatch_task_id, designer, self._notes(request, designer))
        except OutsideRefused:
            return False
        return True

    async def _choose(self, dispatch: Dispatch, request: AssignInput, refused: str) -> str:
        online = [name for name in await dispatch.online() if name != refused]
        others = [name for name in online if name != request.holder]
        free = [name for name in others if name not in request.had_it] or others  # all had it: rotation restarts
        if not free:
            return self._nobody_free(request, online)
        suggested = await dispatch.suggestion()
        return suggested if suggested in free else await self._records.next_in_turn(free)

    def _nobody_free(self, request: AssignInput, online: list[str]) -> str:
        """Leave the task with its holder if nobody else is online."""
        if request.holder in online:
            return request.holder
        if request.is_patient:
            raise NotYet("no designer is online", retry_after=self._pause())
        return ""

    def _notes(self, request: AssignInput, designer: str) -> str:
        """Return the notes for a designer; the holder of the task only gets the wish of the revision."""
        wanted = request.request
        wish = self._say("dispatch_revision_notes", wish=request.wish) if request.wish else ""
        if request.is_for_holder and designer == request.holder:
            return wish
        customer = wanted.customer_name or wanted.customer_id
        why = self._say("dispatch_notes", reason=wanted.because, customer=customer)
        return "\n".join(filter(None, [why, wish]))

    @activity.defn(name="watch_dispatch")
    async def watch(self, request: WatchInput) -> Watched:
        """Look at the task. Raises NotYet until it has changed: the retry by Temporal adds no events to the history.

        If the request is not patient, it returns `is_unchanged` instead.
        """
        assert self._dispatch is not None
        async with heartbeats("look at the task"):
            task = await self._dispatch.task(request.dispatch_task_id)
        if task.is_handed_in(request.known_result):
            return Watched(is_finished=task.is_finished, result_url=task.new_result(request.known_result))
        if task.is_accepted and request.is_acceptance_awaited:
            return Watched()
        if not request.is_patient:
            return Watched(is_unchanged=True)
        raise NotYet(f"{task.status}: {task.designer}", retry_after=self._pause())

    def _pause(self) -> timedelta:
        """Return the pause before the next look: it grows each time, with jitter so that tasks spread out."""
        pause = self._first_look * SLOWER ** min(activity.info().attempt - 1, 20)
        return min(pause, LONGEST_PAUSE) * random.uniform(0.9, 1.1)  # noqa: S311 - nobody gains by guessing it

    @activity.defn(name="close_dispatch")
    async def close(self, request: CloseInput) -> None:
        """Complete or cancel the task. One whose creation got no reply is searched for."""
        async with heartbeats("close the task"):
            if self._dispatch and not request.is_finished_there:
                task_id = request.dispatch_task_id or await self._find_unanswered(
                    self._dispatch, request.request.marker
                )
                if task_id:
                    await self._end(self._dispatch, task_id, request.closing)
            await self._records.closed(request.dispatch_id, request.closing)

    async def _find_unanswered(self, dispatch: Dispatch, marker: str) -> str | None:
        """Return the task whose creation got no reply, if there is one. It may take a while to be listed."""
        if task_id := await dispatch.pending(marker):
            return task_id
        await asyncio.sleep(LISTED_AFTER.total_seconds())
        return await dispatch.pending(marker)

    async def _end(self, dispatch: Dispatch, task_id: str, closing: str) -> None:
        notes = self._phrases.text(closing)
        if closing in {"dispatch_cancelled", "dispatch_withdrawn"}:
            await dispatch.cancel(task_id, notes)
        else:
            await dispatch.complete(task_id, notes)
