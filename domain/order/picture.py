"""One picture of an order: a task with its own operation, analysis, rounds of attempts and result."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from domain.texts.phrase import Said
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.picture_news import AT_AN_END, PictureNews
from domain.vocabulary.pictures import Analysis, Lenient, Look, Operation, StoredPicture, TargetSize
from domain.vocabulary.status import GONE, Status

DESIGNER = "designer"  # the source of what designers make


class Result(BaseModel):
    """What an attempt came to: the file that is owed, a view of it, and the watermarked preview."""

    file: StoredPicture
    view_key: str
    preview_key: str
    score: int | None = None
    issue: Said = Field(default_factory=Said)


MOST_SUBMISSIONS = 5  # results of others that wait to be fetched


class Choice(Lenient):
    """The model of one attempt."""

    provider: str
    model: str
    is_patient: bool = False  # wait for as long as it takes until staff have mended it


class Unjudged(BaseModel):
    """What a model made and the check has not looked at: the call, and each of its results."""

    call_id: str
    results: list[Result]


class Attempt(BaseModel):
    """One attempt of a round: what was tried, and what the check said of it."""

    number: int  # counts over all rounds of the picture, so that every attempt has its own key
    round: int
    choice: Choice | None = None  # None where the order knows of no models
    provider: str = ""
    model: str = ""  # as the provider names what did the work
    outcome: Outcome | None = None
    is_before_wait: bool = False  # what follows it waits until staff have mended a model
    is_news: bool = True  # else staff know of its provider's trouble from another order
    look: Look | None = None
    result: Result | None = None
    unjudged: Unjudged | None = None  # its check did not end: work was called off, or a bug ended it
    error: Said = Field(default_factory=Said)
    error_type: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it came to a result or an error."""
        return bool(self.result or self.error or self.error_type)

    @property
    def is_of_designer(self) -> bool:
        """Whether it took in what a designer made."""
        return self.provider == DESIGNER and self.is_done


class Note(BaseModel):
    """Free words of the customer about a picture, and when they were said."""

    at: datetime
    text: str


class Submission(BaseModel):
    """A result that somebody else made, not yet fetched: a designer, staff, another picture AI."""

    source: str
    notes: str = ""
    image_url: str | None = None
    image_key: str | None = None


class Dispatched(BaseModel):
    """A dispatch of a picture to human designers, as its order knows it."""

    number: int
    reason: Said
    asked: int = 1  # how often it was given to them
    told: PictureNews | None = None  # what the dispatch knows of the picture; None: it has not begun
    designer: str = ""
    dispatch_task_id: str = ""
    is_customer_told: bool = False
    is_finished: bool = False  # in the dispatch system: the next revision is another dispatch

    @property
    def is_over(self) -> bool:
        """Whether it has nothing more to do."""
        if self.told is None:
            return False
        return self.told.standing in AT_AN_END or (self.is_finished and self.told.standing == "shown")


class Past(BaseModel):
    """What an order still counts of attempts and revisions that it keeps no more; the rows have them."""

    attempts: int = 0
    retries: int = 0
    results: int = 0  # of designers
    revisions: int = 0


class Picture(BaseModel):
    """One task: a picture of an order with its own operation, analysis, rounds and result."""

    task_id: str
    status: Status = Status.PENDING
    image_url: str | None = None
    image_key: str | None = None
    notes: list[Note] = Field(default_factory=list)
    original: StoredPicture | None = None
    operation: Operation | None = None
    operation_by: Literal["nobody", "words", "analysis", "bot"] = "nobody"  # who chose it; words never overrule the bot
    size: TargetSize | None = None
    requirements: list[str] = Field(default_factory=list)
    analysis: Analysis | None = None
    review: Literal["", "waiting", "passed"] = ""  # of a picture of high risk, by staff
    review_since: datetime | None = None
    unseen: Said = Field(default_factory=Said)  # why no model looked at it, although it was taken
    look_failed: Said = Field(default_factory=Said)  # why nobody could look at it; staff resume it
    needs_designer: Said = Field(default_factory=Said)  # why the machine is not to work on it
    stopped: Said = Field(default_factory=Said)  # why it waits in `paid` until staff resume it
    is_forced: bool = False  # staff want it made although automatic processing is switched off
    unlimited_round: int | None = None  # the round that may cost what it costs: staff have resumed it
    submission: Submission | None = None  # that is fetched now
    more_submissions: list[Submission] = Field(default_factory=list)  # that came meanwhile: none replaces another
    dispatch: Dispatched | None = None  # the last one
    is_restarted: bool = False  # what is at work for it belongs to an earlier round
    round: int = 0  # 0 is the first making; each revision and each revival adds one
    revision_notes: list[str] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    past: Past = Field(default_factory=Past)
    shown: int | None = None  # the number of the attempt that lies before the customer
    spent: Spent = Field(default_factory=Spent)  # on calls to models, as the ledger had it last
    accepted: bool = False  # the customer likes the preview; a revision takes it back
    error: Said = Field(default_factory=Said)
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def is_examined(self) -> bool:
        """Whether the original is stored and looked at, or known to be no picture."""
        return self.status in GONE or (self.original is not None and self.analysis is not None)

    @property
    def is_unlimited(self) -> bool:
        """Whether the attempts of this round may cost what they cost."""
        return self.unlimited_round == self.round

    @property
    def work(self) -> Operation:
        """What the machine does to it: where nobody said, it is enhanced."""
        return self.operation or Operation.ENHANCE

    @property
    def words(self) -> str:
        """All that the customer said of it before payment."""
        return "\n".join(note.text for note in self.notes)

    @property
    def result(self) -> Result | None:
        """What lies before the customer."""
        return next((attempt.result for attempt in self.attempts if attempt.number == self.shown), None)

    @property
    def tries(self) -> list[Attempt]:
        """The attempts of the current round that came to an end; one that was called off is none."""
        return [attempt for attempt in self.attempts if attempt.round == self.round and attempt.is_done]

    @property
    def unjudged(self) -> Attempt | None:
        """The last attempt where its result waits for the check: it is not made once more."""
        last = self.attempts[-1] if self.attempts else None
        return last if last and last.round == self.round and last.unjudged else None

    @property
    def attempt_count(self) -> int:
        """How many attempts were made so far."""
        return self.past.attempts + len(self.attempts)

    @property
    def retry_count(self) -> int:
        """How many of them were not the first of their round."""
        return self.past.retries + len(self.attempts) - len({attempt.round for attempt in self.attempts})

    @property
    def designer_results(self) -> int:
        """How many results of designers were looked at."""
        return self.past.results + sum(attempt.is_of_designer for attempt in self.attempts)

    @property
    def revision_count(self) -> int:
        """How often the customer wanted something changed."""
        return self.past.revisions + len(self.revision_notes)

    def forget_attempts(self, kept: Collection[int | None]) -> None:
        """Keep the attempts of these numbers alone; of the others no more is known than how many there were."""
        for attempt in [one for one in self.attempts if one.number not in kept]:
            self.attempts.remove(attempt)
            self.past.attempts += 1
            self.past.results += attempt.is_of_designer
            self.past.retries += any(other.round == attempt.round for other in self.attempts)

    def forget_revisions(self, kept: int) -> None:
        """Keep the last revision notes alone."""
        gone = max(len(self.revision_notes) - kept, 0)
        self.past.revisions += gone
        del self.revision_notes[:gone]

    def queue_submission(self, offered: Submission) -> bool:
        """Take a result that somebody else made behind those that wait; return whether there is room for it."""
        if self.submission is None:
            self.submission = offered
        elif offered not in [self.submission, *self.more_submissions]:
            if len(self.more_submissions) >= MOST_SUBMISSIONS:
                return False
            self.more_submissions.append(offered)
        return True

    def next_submission(self) -> None:
        """Go on with the next result that waits."""
        self.submission = self.more_submissions.pop(0) if self.more_submissions else None

    def drop_submissions(self) -> None:
        """Take none of the results that wait."""
        self.submission, self.more_submissions = None, []

    def for_rows(self) -> "Picture":
        """Return a copy with what the rows tell of it: no prompt, no wishes of revisions, no earlier attempts."""
        row = self.model_copy(deep=True)
        row.forget_attempts({row.shown, row.attempts[-1].number} if row.attempts else ())
        for attempt in row.attempts:
            attempt.unjudged = None
        row.forget_revisions(0)
        for attempt in row.attempts:
            attempt.look, attempt.error = None, Said()
            if attempt.result:
                attempt.result.issue, attempt.result.preview_key, attempt.result.file.sha256 = Said(), "", ""
        if row.original:
            row.original.sha256 = ""
        row.image_url = row.image_key = row.submission = None
        row.more_submissions = []
        if row.analysis:
            row.analysis = Analysis(**row.analysis.model_dump(include={"complexity", "proc_type", "subject"}))
        return row
