"""The parts of upkeep: inputs and outputs of their activities, and the report of a run."""

from enum import StrEnum

from pydantic import Field

from domain.texts.catalogue import Language
from domain.texts.phrase import Said
from domain.vocabulary.pictures import Lenient

UPKEEP = "upkeep"  # id of the schedule, and the name under which staff hear of it
MOST_EXAMPLES = 10  # of what a part found, for people to look at
MOST_ORPHANS = 1_000  # files without a record that a run deletes; more look like a lost table, and staff decide


class Part(StrEnum):
    """A part of upkeep. Each one is idempotent, works in bounded portions, and does not depend on the others."""

    RECORDS = "records"
    FILES = "files"
    STATISTICS = "statistics"
    STORAGE = "storage"
    DIGEST = "digest"


class Kept(StrEnum):
    """A kind of data that the shop keeps for a number of days, beside the records of the task history."""

    PICTURES = "pictures"  # of finished orders, with their entries in the library and in the task history
    WORDS = "words"  # names, addresses and messages of finished orders, questions to designers, late events
    KEYS = "keys"  # idempotency keys
    SET_ASIDE = "set_aside"  # rows that Postgres rejected
    SESSIONS = "sessions"  # that have ended
    REVOCATIONS = "revocations"  # of tokens that have expired since


class UpkeepRequest(Lenient):
    """How to run: whether staff get the digest of yesterday, and how many orphaned files may be deleted."""

    digest: bool = True
    most_orphans: int = Field(default=MOST_ORPHANS, ge=0)
    language: Language = "zh"


class PortionInput(Lenient):
    """Where a portion begins. With `is_trial` it only counts what it would delete."""

    cursor: str = ""
    is_trial: bool = False


class Portion(Lenient):
    """What a portion of a part did. `cursor` is where the next one begins, unless the part `is_done`."""

    cursor: str = ""
    is_done: bool = False
    counts: dict[str, int] = Field(default_factory=dict)
    examples: list[str] = Field(default_factory=list)

    def add(self, counts: dict[str, int], examples: list[str]) -> None:
        """Add to the counts and, while there is room, to the examples."""
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.examples = [*self.examples, *examples][:MOST_EXAMPLES]


class PartReport(Portion):
    """What a run did in one part; `error` says why the part ended early, `is_held` that staff must decide."""

    error: Said = Field(default_factory=Said)
    is_held: bool = False


class Digest(Lenient):
    """The figures of one day of the shop. Amounts are texts such as `125.00 CNY`."""

    day: str
    orders_started: int = 0
    orders_paid: int = 0
    orders_completed: int = 0
    orders_failed: int = 0  # that wait for staff now
    paid: str = ""
    refunded: str = ""
    calls: int = 0
    calls_failed: int = 0
    cost: str = ""
    records: int = 0
    records_failed: int = 0
    users: int = 0


class UpkeepReport(Lenient):
    """What a run of upkeep did; the result of its workflow. `untold` says why staff could not be told."""

    parts: dict[Part, PartReport] = Field(default_factory=dict)
    digest: Digest | None = None
    untold: Said = Field(default_factory=Said)

    def part(self, part: Part) -> PartReport:
        """Return the report of a part, an empty one at first."""
        return self.parts.setdefault(part, PartReport())

    def count(self, part: Part, name: str) -> int:
        """Return a count of a part."""
        return self.parts[part].counts.get(name, 0) if part in self.parts else 0

    @property
    def is_well(self) -> bool:
        """Whether every part was finished and staff were told."""
        return not self.untold and not any(part.error or part.is_held for part in self.parts.values())
