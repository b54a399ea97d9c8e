"""One picture's way through an order: the first look, then rounds of attempts."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.checking import Checking
    from activities.intake import Intake
    from activities.production import Production
    from domain import ids, progress, rounds
    from domain.listening import without_addresses
    from domain.messages import CheckInput, ExamineInput, Produced, ProduceInput
    from domain.order import Attempt, Order, Picture, Result
    from domain.pictures import Look, Operation
    from domain.prompting import aspect_ratio, prompt
    from domain.rounds import NextStep
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
        look = ExamineInput(
            task_id=picture.task_id,
            folder=self.folder,
            image_url=picture.image_url,
            image_key=picture.image_key,
            words=without_addresses(picture.note),
            analysis=picture.analysis,
            wants_rules=self.order.rules is None,
        )
        found = await workflow.execute_activity_method(
            Intake.examine,
            look,
            **options.EXAMINE,
            summary=f"{picture.task_id}: first look",
            priority=options.priority(self.order),
        )
        progress.examined(self.order, picture, found, workflow.now())

    async def round(self) -> None:
        """Make attempts until one is good enough to be shown, or none can be made."""
        while True:
            attempt = await self._attempt()
            progress.attempted(self.order, self.picture, attempt, workflow.now())
            step = rounds.after(self.picture, self.order.known_rules)
            if step is NextStep.SHOW:
                progress.show(self.order, self.picture, rounds.best(self.picture), workflow.now())
                return
            if step is NextStep.GIVE_UP:
                progress.fail(self.order, self.picture, attempt.error, workflow.now())
                return

    async def _attempt(self) -> Attempt:
        """Produce, then check; what went wrong for good stands in the attempt."""
        attempt = Attempt(number=len(self.picture.attempts) + 1, round=self.picture.round)
        words = prompt(self.picture)
        self.picture.attempts.append(attempt)
        try:
            made = await self._produce(attempt, words)
            attempt.result = Result(file=made.file, view_key=made.view_key, preview_key=made.preview_key)
            attempt.look = await self._check(made, words)
            attempt.result.score, attempt.result.issue = attempt.look.score, attempt.look.issue
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            attempt.error, attempt.error_type = reason_of(error)
        return attempt

    async def _produce(self, attempt: Attempt, words: str) -> Produced:
        assert self.picture.original is not None
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
                news=self.order.news() if self.order.has_news else None,
            ),
            **options.PRODUCE,
            summary=f"{self.picture.task_id}: attempt {attempt.number}, {self._operation}",
            priority=options.priority(self.order),
        )
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
