"""The work on one picture of an order: examining it, then rounds of attempts."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.adoption import Adoption
    from activities.checking import Checking
    from activities.intake import Intake
    from activities.production import Production
    from domain.attempts import rounds
    from domain.attempts.prompting import aspect_ratio, prompt
    from domain.attempts.rounds import NextStep
    from domain.attempts.work import (
        Adopted,
        AdoptInput,
        Candidate,
        Checked,
        CheckInput,
        Customer,
        ExamineInput,
        Produced,
        ProduceInput,
        Trouble,
    )
    from domain.language import without_addresses
    from domain.order.order import Order
    from domain.order.picture import Attempt, Choice, Picture, Result, Unjudged
    from domain.story import progress
    from domain.story.previews import carried_messages
    from domain.texts.phrase import Said, said
    from domain.texts.summaries import doing
    from domain.vocabulary import ids
    from domain.vocabulary.errors import Unforeseen
    from domain.vocabulary.outcomes import Outcome
    from domain.vocabulary.status import AT_WORK
    from workflows import options
    from workflows.failures import raise_if_cancelled, reason_of


BROKEN_OFF = {Unforeseen.__name__, "Timeout"}  # by an unexpected error: staff look at it and resume it


class PictureRounds:
    """The activities for one picture; all pictures of an order are worked on in parallel."""

    def __init__(self, order: Order, picture: Picture) -> None:
        self.order = order
        self.picture = picture
        self.folder = ids.folder(order.owner or order.customer_id, picture.task_id)

    async def examine(self) -> None:
        """Fetch the picture, store it as the original, and analyse it."""
        picture = self.picture
        customer = Customer(customer_id=self.order.customer_id, acc_id=self.order.acc_id)
        look = ExamineInput(
            task_id=picture.task_id,
            folder=self.folder,
            image_url=picture.image_url,
            image_key=picture.image_key,
            words=without_addresses(picture.words),
            analysis=picture.analysis,
            first_of=None if self.order.rules else customer,
        )
        try:
            found = await workflow.execute_activity_method(
                Intake.examine,
                look,
                **options.EXAMINE,
                summary=doing(self.order.language, "first_look", picture.task_id),
                priority=options.priority(self.order, options.Step.FIRST_LOOK),
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            progress.look_failed(self.order, picture, reason_of(error)[0], workflow.now())
            return
        if picture in self.order.live:  # else it was cancelled at this very moment
            progress.examined(self.order, picture, found, workflow.now())

    async def run_round(self) -> None:
        """Make attempts until one is good enough to show, none can be made, or staff must fix a model first.

        In the last case the round ends briefly so that they are told, and the next one continues it. Raises Unforeseen.
        """
        while True:
            attempt = self.picture.unjudged or self._new_attempt(rounds.choose_model(self.picture, self.order.lineup))
            await self._make_attempt(attempt)
            progress.attempted(self.order, self.picture, attempt, workflow.now())
            if not self._is_current(attempt):
                return
            if attempt.error_type in BROKEN_OFF:
                raise Unforeseen(attempt.error_type, why=attempt.error)
            step = rounds.next_step(self.picture, self.order.known_rules, self.order.lineup)
            if step is not NextStep.TRY_AGAIN:
                self._apply(step, attempt)
                return
            if (following := rounds.choose_model(self.picture, self.order.lineup)) and following.is_patient:
                progress.wait_for_model(self.order, self.picture, workflow.now())
                return

    @property
    def is_wanted(self) -> bool:
        """Whether the round should go on: it may be cancelled at the very moment when an activity ends."""
        picture = self.picture
        return picture.status in AT_WORK and not picture.stopped and not picture.submission

    def _is_current(self, attempt: Attempt) -> bool:
        """Whether an attempt is wanted, and belongs to the current round: staff may have changed what is made."""
        return self.is_wanted and attempt.round == self.picture.round

    def _apply(self, step: NextStep, attempt: Attempt) -> None:
        order, picture, now = self.order, self.picture, workflow.now()
        if step is NextStep.SHOW:
            progress.show(order, picture, rounds.best_attempt(picture), now)
        elif step is NextStep.STOP:
            picture.attempts.remove(attempt)  # nothing was attempted
            progress.stop(order, picture, progress.SWITCHED_OFF, now)
        elif step is NextStep.DESIGNER and attempt.look:
            progress.send_to_designer(order, picture, attempt.look.issue or said("reason.quality_check"), now)
        else:
            progress.fail(order, picture, attempt, now)

    async def accept_external_result(self) -> None:
        """Fetch a result made by somebody else and show it like one of our own."""
        picture, submission = self.picture, self.picture.submission
        assert submission is not None
        attempt = Attempt(number=picture.attempt_count + 1, round=picture.round, provider=submission.source)
        picture.attempts.append(attempt)
        try:
            made = await workflow.execute_activity_method(
                Adoption.adopt,
                AdoptInput(
                    task_id=picture.task_id,
                    folder=self.folder,
                    attempt=attempt.number,
                    image_url=submission.image_url,
                    image_key=submission.image_key,
                    operation=picture.work,
                    prompt=prompt(picture),
                    size=picture.wanted_size,
                    original_key=picture.original.key if picture.original else "",
                    is_made_with_model=picture.is_made_with_model(submission.source),
                    is_label_waived=self.order.is_label_waived,
                    number=self.order.shown_number(picture),
                ),
                **options.EXAMINE,
                summary=doing(self.order.language, "result_of", picture.task_id, source=submission.source),
                priority=options.priority(self.order),
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            attempt.error, attempt.error_type = reason_of(error)
        else:
            attempt.result = _result(made)
        progress.adopted(self.order, picture, submission, attempt, workflow.now())

    def _new_attempt(self, choice: Choice | None) -> Attempt:
        attempt = Attempt(number=self.picture.attempt_count + 1, round=self.picture.round, choice=choice)
        attempt.provider, attempt.model = (choice.provider, choice.model) if choice else ("", "")
        self.picture.attempts.append(attempt)
        return attempt

    async def _make_attempt(self, attempt: Attempt) -> None:
        """Produce a result, unless an interrupted attempt has done so, and check it if that is still to be done.

        A permanent failure is recorded in the attempt.
        """
        words = prompt(self.picture)
        attempt.error, attempt.error_type, attempt.prompt_hash = Said(), "", ids.digest(words)
        try:
            checked: Checked | None = None
            if attempt.unjudged is None:
                made = await self._produce(attempt, words)
                attempt.unjudged = Unjudged(call_id=made.call_id, results=[_result(one) for one in made.results])
                attempt.result, attempt.outcome, checked = attempt.unjudged.results[0], Outcome.MADE, made.checked
            if self._is_current(attempt):
                checked = checked or await self._check(attempt, attempt.unjudged, words)
                self._record_check(attempt, attempt.unjudged, checked)
        except ActivityError as error:
            raise_if_cancelled(error)
            attempt.error, attempt.error_type = reason_of(error)
            if attempt.error_type not in BROKEN_OFF:  # else resuming checks the result instead of making it again
                attempt.unjudged = None
            self._record_failure(attempt, error)

    def _record_check(self, attempt: Attempt, made: Unjudged, checked: Checked) -> None:
        """Keep the result that scored best."""
        attempt.result, attempt.unjudged = made.results[checked.best].model_copy(), None
        attempt.look, attempt.outcome = checked.look, checked.outcome or Outcome.MADE
        attempt.result.score, attempt.result.issue = checked.look.score, checked.look.issue
        self.picture.spent = checked.spent

    def _record_failure(self, attempt: Attempt, error: ActivityError) -> None:
        """Record what a failed attempt reveals about the models and the cost."""
        details = error.cause.details if isinstance(error.cause, ApplicationError) else ()
        if not details or details[0] is None:
            return
        trouble = Trouble.model_validate(details[0])
        self.picture.spent, self.order.lineup = trouble.spent, trouble.lineup or self.order.lineup
        if attempt.result is None:  # else it was made but could not be checked
            attempt.outcome, attempt.choice, attempt.is_news = trouble.outcome, trouble.choice, trouble.is_news
        if trouble.choice:
            attempt.provider, attempt.model = trouble.choice.provider, trouble.choice.model

    async def _produce(self, attempt: Attempt, words: str) -> Produced:
        assert self.picture.original is not None
        tried = sorted({other.choice.provider for other in self.picture.tries if other.choice})
        news = self.order.report_along()
        task_id, is_told = self.picture.task_id, False
        try:
            made = await self._call_produce(attempt, words, tried, news)
            is_told = made.is_told
        except BaseException:
            if news:
                self.order.mark_report_lost()
            raise
        finally:
            self.order.mark_carried(task_id, is_told=is_told)
        if news:
            self.order.mark_written(news.serial)
        attempt.provider, attempt.model, attempt.choice = made.provider, made.model, made.choice or attempt.choice
        self.order.lineup, self.picture.spent = made.lineup or self.order.lineup, made.spent
        return made

    async def _call_produce(self, attempt: Attempt, words: str, tried: list[str], news: Order | None) -> Produced:
        assert self.picture.original is not None
        return await workflow.execute_activity_method(
            Production.produce,
            ProduceInput(
                task_id=self.picture.task_id,
                folder=self.folder,
                attempt=attempt.number,
                original=self.picture.original,
                operation=self.picture.work,
                prompt=words,
                aspect_ratio=aspect_ratio(self.picture),
                size=self.picture.wanted_size,
                choice=attempt.choice,
                tried=tried,
                is_forced=self.picture.is_forced,
                is_unlimited=self.picture.is_unlimited,
                news=news,
                words=carried_messages(self.order, self.picture.task_id),
                threshold=self.order.known_rules.quality_threshold,
                is_label_waived=self.order.is_label_waived,
                number=self.order.shown_number(self.picture),
            ),
            **(options.PRODUCE | options.queue_for(attempt.choice)),
            summary=doing(
                self.order.language,
                "attempt",
                self.picture.task_id,
                attempt=attempt.number,
                operation=self.picture.work,
                provider=attempt.provider,
            ),
            priority=options.priority(self.order, options.Step.MAKING),
        )

    async def _check(self, attempt: Attempt, made: Unjudged, words: str) -> Checked:
        assert self.picture.original is not None
        return await workflow.execute_activity_method(
            Checking.check,
            CheckInput(
                task_id=self.picture.task_id,
                attempt=attempt.number,
                call_id=made.call_id,
                original_key=self.picture.original.key,
                candidates=[
                    Candidate(file_key=one.file.key, view_key=one.view_key, plain_key=one.plain_key)
                    for one in made.results
                ],
                threshold=self.order.known_rules.quality_threshold,
                operation=self.picture.work,
                prompt=words,
                size=self.picture.wanted_size,
            ),
            **options.CHECK,
            summary=doing(self.order.language, "check", self.picture.task_id),
            priority=options.priority(self.order),
        )


def _result(made: Adopted) -> Result:
    return Result(
        file=made.file,
        view_key=made.view_key,
        preview_key=made.preview_key,
        plain_size=made.plain_size,
        is_labelled=made.is_labelled,
        issue=made.issue,
    )
