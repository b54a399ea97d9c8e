"""One picture of an order: a task with its own operation, analysis, rounds of attempts and result."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from domain.bounds import budgets
from domain.texts.phrase import Said
from domain.vocabulary import ids
from domain.vocabulary.costs import Spent
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.picture_news import AT_AN_END, PictureNews
from domain.vocabulary.pictures import Analysis, Lenient, Look, Operation, StoredPicture, TargetSize
from domain.vocabulary.sizes import may_cut, turned
from domain.vocabulary.status import GONE, Status

DESIGNER = "designer"  # the source of what designers make
WITHOUT_HASH = {"sha256": ""}  # of a file; rows do not need it
PEOPLE = {DESIGNER, "staff"}  # other sources are image AIs


class Result(BaseModel):
    """The result of an attempt: the deliverable, a viewable image of it, and the watermarked preview.

    If the file shows the AI label, there is a copy without it, for a customer whose wish to leave it out is on record.
    """

    file: StoredPicture
    view_key: str
    preview_key: str
    plain_size: int = 0  # bytes
    is_labelled: bool = False  # a model took part
    score: int | None = None
    issue: Said = Field(default_factory=Said)

    def for_rows(self) -> "Result":
        """Return a copy with only what the database rows need."""
        file = self.file.model_copy(update=WITHOUT_HASH)
        bare = {"file": file, "issue": Said(), "preview_key": "", "plain_size": 0, "is_labelled": False}
        return self.model_copy(update=bare)

    @property
    def plain_key(self) -> str:
        """The key of the copy without the visible AI label; empty if there is none."""
        return ids.plain_of(self.file.key) if self.plain_size else ""

    @property
    def keys(self) -> set[str]:
        """The keys under which customers know the file."""
        return {self.file.key, self.plain_key} - {""}


MOST_SUBMISSIONS = 5  # external results waiting to be fetched


class Choice(Lenient):
    """The model of one attempt."""

    provider: str
    model: str
    is_patient: bool = False  # wait until staff have fixed its set-up, however long that takes


class Unjudged(BaseModel):
    """Results that the quality check has not judged yet, and the call that made them."""

    call_id: str
    results: list[Result]


class Attempt(BaseModel):
    """One attempt of a round: the model, its outcome and the quality check's judgement."""

    number: int  # counted over all rounds of the picture, so that every attempt has its own key
    round: int
    choice: Choice | None = None  # None if the order knows no models
    provider: str = ""
    model: str = ""  # as the provider names it
    outcome: Outcome | None = None
    is_before_wait: bool = False  # the next attempt waits until staff have fixed a model's set-up
    is_news: bool = True  # False: another order has told staff about the provider's problem already
    look: Look | None = None
    prompt_hash: str = ""  # of the whole prompt, which the ledger has
    result: Result | None = None
    unjudged: Unjudged | None = None  # its check did not finish: the work was cancelled or hit a bug
    error: Said = Field(default_factory=Said)
    error_type: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it ended, with a result or an error."""
        return bool(self.result or self.error or self.error_type)

    @property
    def is_of_designer(self) -> bool:
        """Whether it holds a designer's result."""
        return self.provider == DESIGNER and self.is_done

    def for_rows(self) -> "Attempt":
        """Return a copy with only what the database rows need."""
        result = self.result and self.result.for_rows()
        return self.model_copy(
            update={"unjudged": None, "look": None, "error": Said(), "prompt_hash": "", "result": result}
        )


class Note(BaseModel):
    """A customer's free text about a picture, and its time."""

    at: datetime
    text: str


class Submission(BaseModel):
    """A result from elsewhere that is not fetched yet: by a designer, staff or another image AI."""

    source: str
    notes: str = ""
    image_url: str | None = None
    image_key: str | None = None


class Dispatched(BaseModel):
    """A dispatch of a picture to human designers, as its order knows it."""

    number: int
    reason: Said
    asked: int = 1  # how many times it was given to them
    told: PictureNews | None = None  # the state that the dispatch was last told; None: it has not begun
    designer: str = ""
    dispatch_task_id: str = ""
    is_customer_told: bool = False
    is_finished: bool = False  # in the dispatch system: the next revision needs a new dispatch

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        if self.told is None:
            return False
        return self.told.standing in AT_AN_END or (self.is_finished and self.told.standing == "shown")


class Past(BaseModel):
    """Counts of attempts and revisions that the order no longer keeps; the database has them."""

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
    operation_by: Literal["nobody", "words", "analysis", "bot"] = "nobody"  # its source; text never overrules the bot
    size: TargetSize | None = None
    requirements: list[str] = Field(default_factory=list)
    analysis: Analysis | None = None
    review: Literal["", "waiting", "passed"] = ""  # of a high-risk picture, by staff
    review_since: datetime | None = None
    unseen: Said = Field(default_factory=Said)  # why no model analysed it, although it was accepted
    look_failed: Said = Field(default_factory=Said)  # why the analysis failed; staff resume it
    needs_designer: Said = Field(default_factory=Said)  # why it must not be processed automatically
    stopped: Said = Field(default_factory=Said)  # why it waits in `paid` until staff resume it
    is_forced: bool = False  # staff resumed it although automatic processing is switched off
    unlimited_round: int | None = None  # the round without a cost limit, since staff resumed it
    submission: Submission | None = None  # being fetched now
    more_submissions: list[Submission] = Field(default_factory=list)  # received meanwhile; none replaces another
    dispatch: Dispatched | None = None  # the last one
    is_restarted: bool = False  # the running work belongs to an earlier round
    round: int = 0  # 0 is the first; each revision and each resumption adds one
    revision_notes: list[str] = Field(default_factory=list)
    attempts: list[Attempt] = Field(default_factory=list)
    past: Past = Field(default_factory=Past)
    shown: int | None = None  # the number of the attempt shown to the customer
    spent: Spent = Field(default_factory=Spent)  # on model calls, as last reported by the ledger
    accepted: bool = False  # the customer accepted the preview; a revision resets it
    error: Said = Field(default_factory=Said)
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def is_examined(self) -> bool:
        """Whether the original is stored and analysed, or was rejected."""
        return self.status in GONE or (self.original is not None and self.analysis is not None)

    @property
    def is_unlimited(self) -> bool:
        """Whether this round has no cost limit."""
        return self.unlimited_round == self.round

    @property
    def work(self) -> Operation:
        """The operation to perform; `enhance` if none was chosen."""
        return self.operation or Operation.ENHANCE

    @property
    def words(self) -> str:
        """The customer's texts about it before payment, joined."""
        return "\n".join(note.text for note in self.notes)

    @property
    def wanted_size(self) -> TargetSize | None:
        """The requested size with paper turned as the original lies, and whether the customer wants it filled."""
        if self.size is None or self.original is None:
            return self.size
        size = turned(self.size, self.original.width, self.original.height)
        said = "\n".join([self.words, *self.requirements, *self.revision_notes])
        return size.model_copy(update={"may_cut": True}) if may_cut(said) else size

    @property
    def result(self) -> Result | None:
        """The result shown to the customer."""
        return next((attempt.result for attempt in self.attempts if attempt.number == self.shown), None)

    @property
    def tries(self) -> list[Attempt]:
        """The finished attempts of the current round; a cancelled one does not count."""
        return [attempt for attempt in self.attempts if attempt.round == self.round and attempt.is_done]

    @property
    def unjudged(self) -> Attempt | None:
        """The last attempt of this round if its result still has to be checked, so that it is not made again."""
        last = self.attempts[-1] if self.attempts else None
        return last if last and last.round == self.round and last.unjudged else None

    @property
    def attempt_count(self) -> int:
        """The number of attempts so far."""
        return self.past.attempts + len(self.attempts)

    @property
    def retry_count(self) -> int:
        """The number of attempts that were not the first of their round."""
        return self.past.retries + len(self.attempts) - len({attempt.round for attempt in self.attempts})

    @property
    def designer_results(self) -> int:
        """The number of designers' results that were processed."""
        return self.past.results + sum(attempt.is_of_designer for attempt in self.attempts)

    @property
    def revision_count(self) -> int:
        """The number of revisions that the customer asked for."""
        return self.past.revisions + len(self.revision_notes)

    def is_made_with_model(self, source: str) -> bool:
        """Whether a model took part in a result from elsewhere: its maker is one, or was given what a model made."""
        shown = self.result
        return source not in PEOPLE or bool(shown and shown.is_labelled)

    def forget_attempts(self, kept: Collection[int | None]) -> None:
        """Keep only the attempts with these numbers; the others are only counted."""
        for attempt in [one for one in self.attempts if one.number not in kept]:
            self.attempts.remove(attempt)
            self.past.attempts += 1
            self.past.results += attempt.is_of_designer
            self.past.retries += any(other.round == attempt.round for other in self.attempts)

    def forget_revisions(self, kept: int) -> None:
        """Keep only the last `kept` revision notes."""
        gone = max(len(self.revision_notes) - kept, 0)
        self.past.revisions += gone
        del self.revision_notes[:gone]

    def queue_submission(self, offered: Submission) -> bool:
        """Queue an external result; return False if the queue is full. A repeat is ignored."""
        if self.submission is None:
            self.submission = offered
        elif offered not in [self.submission, *self.more_submissions]:
            if len(self.more_submissions) >= MOST_SUBMISSIONS:
                return False
            self.more_submissions.append(offered)
        return True

    def next_submission(self) -> None:
        """Take the next queued result."""
        self.submission = self.more_submissions.pop(0) if self.more_submissions else None

    def drop_submissions(self) -> None:
        """Discard all queued results."""
        self.submission, self.more_submissions = None, []

    def for_rows(self) -> "Picture":
        """Return a copy with only what the database rows need: no prompt, revision notes or earlier attempts.

        What it keeps is shared with this picture, and must not be changed.
        """
        row = self.model_copy(update={"attempts": [*self.attempts], "past": self.past.model_copy()})
        row.image_url = row.image_key = row.submission = None
        row.more_submissions, row.revision_notes = [], [*self.revision_notes]
        row.forget_attempts({row.shown, row.attempts[-1].number} if row.attempts else ())
        row.forget_revisions(0)
        row.attempts = [attempt.for_rows() for attempt in row.attempts]
        row.original = self.original and self.original.model_copy(update=WITHOUT_HASH)
        if row.analysis:
            subject, work = row.analysis.subject, row.analysis.proc_type
            row.analysis = Analysis(
                complexity=row.analysis.complexity,
                subject=budgets.shortened(subject, budgets.TAGS_OF_ONE_TEXT),
                proc_type=budgets.shortened(work, budgets.TAGS_OF_ONE_TEXT),
            )
        return row
