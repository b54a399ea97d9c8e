"""Reads a message: its classified clauses, and what they say together."""

from collections.abc import Collection
from functools import lru_cache

from pydantic import BaseModel

from domain.language.addresses import WHOLE
from domain.language.clauses import UNKNOWN, Clause, read_clauses
from domain.language.pictures import ANOTHER, THE_OTHERS, counted

WRONG = "wrong"
ALARMS = ("leave", "complaint", "person")  # reported to staff in any situation


class Reading(BaseModel):
    """The result of reading a message."""

    clauses: list[Clause]
    addresses: list[str]  # distinct addresses to send to
    words: str

    @property
    def kinds(self) -> frozenset[str]:
        """The classes of all clauses; `wrong` counts as both refusal and description."""
        kinds = {clause.kind for clause in self.clauses}
        return frozenset(kinds - {WRONG} | {"refusal", "description"} if WRONG in kinds else kinds)

    @property
    def address(self) -> str | None:
        """The address to send to, if there is exactly one."""
        return self.addresses[0] if len(self.addresses) == 1 else None

    @property
    def is_doubtful(self) -> bool:
        """Whether we have to ask about an address."""
        return "doubtful" in self.kinds or len(self.addresses) > 1

    def holds_only(self, *kinds: str) -> bool:
        """Whether every clause is of one of these classes."""
        return self.kinds <= set(kinds)

    def of(self, *kinds: str) -> list[Clause]:
        """Return the clauses of these classes."""
        return [clause for clause in self.clauses if _is_of(clause, kinds)]

    def pictures_of(self, *kinds: str) -> list[int]:
        """Return the pictures that clauses of these classes are about; 第二张,不对 names it in the clause before."""
        named: list[int] = []
        meant: list[int] = []
        for clause in self.clauses:
            meant = clause.pictures or ([] if THE_OTHERS.search(clause.said) else meant)
            named += meant if _is_of(clause, kinds) else []
        return list(dict.fromkeys(named))

    def speaks_of_others(self, *kinds: str) -> bool:
        """Whether a clause of these classes is about pictures without a number: 其他的不行, 左边那张不对."""
        return any(THE_OTHERS.search(clause.said) for clause in self.of(*kinds))

    def speaks_of_another(self) -> bool:
        """Whether it is about an additional picture: 还有一张也要换白底."""
        return any(ANOTHER.search(clause.said) for clause in self.clauses)

    def counts(self) -> set[int]:
        """Return the numbers of pictures mentioned in clauses that name none: 两张都要."""
        return {number for clause in self.clauses if not clause.pictures for number in counted(clause.said)}


def _is_of(clause: Clause, kinds: Collection[str]) -> bool:
    return clause.kind in kinds or (clause.kind == WRONG and bool({"refusal", "description"} & set(kinds)))


@lru_cache(maxsize=64)
def read(words: str) -> Reading:
    """Read a whole text; what is not understood becomes a clause of the class `unknown`."""
    clauses, found = read_clauses(words)
    marks = [(clause.kind, sign) for clause in clauses for sign in clause.said if sign == WHOLE]
    meant = [address for (kind, _), address in zip(marks, found, strict=False) if kind == "address"]
    if len(marks) != len(found):  # an address was in a part that is not read
        clauses = [*clauses, Clause(text="", kind=UNKNOWN, pictures=[])]
    return Reading(clauses=clauses, addresses=list(dict.fromkeys(meant)), words=words)
