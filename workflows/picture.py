"""One picture's way through an order: the first look, then rounds of attempts."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.adoption import Adoption
    from activities.checking import Checking
    from activities.intake import Intake
    from activities.production import Production
    from domain import ids, progress, rounds
    from domain.listening import without_addresses
    from domain.order import Order
    from domain.pictures import Look, Operation
    from domain.prompting import aspect_ratio, prompt
    from domain.rounds import NextStep
    from domain.status import AT_WORK
    from domain.task import Attempt, Picture, Result
    from domain.work import AdoptInput, CheckInput, Customer, ExamineInput, Produced, ProduceInput
    from workflows import options


class PictureRounds:
    """What is done for one picture; all pictures of an order are worked on side by side."""

    def __init__(self, order: Order, picture: Picture) -> None:
        self.order = order
        self.picture = picture
        self.folder = ids.folder(order.owner or order.customer_id, picture.task_id)

    async def examine(self) -> None:
        """Fetch the picture, store it as the original, and look at it."""
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
                summary=f"{picture.task_id}: first look",
                priority=options.priority(self.order),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            progress.look_failed(self.order, picture, reason_of(error)[0], workflow.now())
            return
        if picture in self.order.live:  # else it was called off in the very moment
            progress.examined(self.order, picture, found, workflow.now())

    async def round(self) -> None:
        """Make attempts until one is good enough to be shown, or none can be made."""
        while True:
            attempt = await self._attempt()
            progress.attempted(self.order, self.picture, attempt, workflow.now())
            if not self.is_wanted:
                return
            step = rounds.after(self.picture, self.order.known_rules)
            if step is not NextStep.TRY_AGAIN:
                self._take(step, attempt)
                return

    @property
    def is_wanted(self) -> bool:
        """Whether the round is to go on: a call-off may come in the very moment in which an activity ends."""
        picture = self.picture
        return picture.status in AT_WORK and not picture.stopped and not picture.submission

    def _take(self, step: NextStep, attempt: Attempt) -> None:
        order, picture, now = self.order, self.picture, workflow.now()
        if step is NextStep.SHOW:
            progress.show(order, picture, rounds.best(picture), now)
        elif step is NextStep.STOP:
            picture.attempts.remove(attempt)  # nothing was tried
            progress.stop(order, picture, progress.SWITCHED_OFF, now)
        elif step is NextStep.DESIGNER and attempt.look:
            progress.to_designer(order, picture, attempt.look.issue or "the quality check says so", now)
        else:
            progress.fail(order, picture, attempt.error, now)

    async def adopt(self) -> None:
        """Take over what somebody else made, and show it like the machine's own."""
        picture, submission = self.picture, self.picture.submission
        assert submission is not None
        attempt = Attempt(number=len(picture.attempts) + 1, round=picture.round, provider=submission.source)
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
                ),
                **options.EXAMINE,
                summary=f"{picture.task_id}: result of {submission.source}",
                priority=options.priority(self.order),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            attempt.error, attempt.error_type = reason_of(error)
        else:
            attempt.result = Result(file=made.file, view_key=made.view_key, preview_key=made.preview_key)
        progress.adopted(self.order, picture, submission, attempt, workflow.now())

    async def _attempt(self) -> Attempt:
        """Produce, then check; what went wrong for good stands in the attempt."""
        attempt = Attempt(number=len(self.picture.attempts) + 1, round=self.picture.round)
        words = prompt(self.picture)
        self.picture.attempts.append(attempt)
        try:
            made = await self._produce(attempt, words)
            attempt.result = Result(file=made.file, view_key=made.view_key, preview_key=made.preview_key)
            if self.is_wanted:
                attempt.look = await self._check(made, words)
                attempt.result.score, attempt.result.issue = attempt.look.score, attempt.look.issue
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            attempt.error, attempt.error_type = reason_of(error)
        return attempt

    async def _produce(self, attempt: Attempt, words: str) -> Produced:
        assert self.picture.original is not None
        news = self.order.news() if self.order.has_news else None
        made = await workflow.execute_activity_method(
            Production.produce,
            ProduceInput(
                task_id=self.picture.task_id,
                folder=self.folder,
                attempt=attempt.number,
                original=self.picture.original,
                operation=self._operation,
                prompt=words,
                aspect_ratio=aspect_ratio(self.picture),
                size=self.picture.size,
                is_forced=self.picture.is_forced,
                news=news,
            ),
            **options.PRODUCE,
            summary=f"{self.picture.task_id}: attempt {attempt.number}, {self._operation}",
            priority=options.priority(self.order),
        )
        if news:
            self.order.written(news.serial)
        attempt.provider, attempt.model = made.provider, made.model
        return made

    async def _check(self, made: Produced, words: str) -> Look:
        assert self.picture.original is not None
        checked = await workflow.execute_activity_method(
            Checking.check,
            CheckInput(
                call_id=made.call_id,
                original_key=self.picture.original.key,
                file_key=made.file.key,
                view_key=made.view_key,
                operation=self._operation,
                prompt=words,
                size=self.picture.size,
            ),
            **options.CHECK,
            summary=f"{self.picture.task_id}: quality check",
            priority=options.priority(self.order),
        )
        return checked.look

    @property
    def _operation(self) -> Operation:
        return self.picture.operation or Operation.ENHANCE


def reason_of(error: ActivityError) -> tuple[str, str]:
    """Return why an activity failed for good, in words, and the class of the failure."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return cause.message, cause.type or "ApplicationError"
    return f"no answer in time: {cause or error}", "Timeout"
