"""Reading a text: its clauses with their classes, and what they say together."""

from collections.abc import Collection
from functools import lru_cache

from pydantic import BaseModel

from domain.language.addresses import WHOLE
from domain.language.clauses import UNKNOWN, Clause, read_clauses
from domain.language.pictures import ANOTHER, THE_OTHERS, counted

WRONG = "wrong"
ALARMS = ("leave", "complaint", "person")  # staff hear of these in any state


class Reading(BaseModel):
    """What was read out of a message."""

    clauses: list[Clause]
    addresses: list[str]  # to send to, each once
    words: str

    @property
    def kinds(self) -> frozenset[str]:
        """The classes of all clauses; what names the thing that is wrong both refuses and describes."""
        kinds = {clause.kind for clause in self.clauses}
        return frozenset(kinds - {WRONG} | {"refusal", "description"} if WRONG in kinds else kinds)

    @property
    def address(self) -> str | None:
        """The one address to send to, where the words around it say so."""
        return self.addresses[0] if len(self.addresses) == 1 else None

    @property
    def is_doubtful(self) -> bool:
        """Whether an address is there that has to be asked back."""
        return "doubtful" in self.kinds or len(self.addresses) > 1

    def holds_only(self, *kinds: str) -> bool:
        """Whether every clause is of one of these classes."""
        return self.kinds <= set(kinds)

    def of(self, *kinds: str) -> list[Clause]:
        """Return the clauses of these classes."""
        return [clause for clause in self.clauses if _is_of(clause, kinds)]

    def pictures_of(self, *kinds: str) -> list[int]:
        """Return the pictures that clauses of these classes speak of; 第二张,不对 names it in the clause before."""
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
        """Whether it is about one more picture: 还有一张也要换白底."""
        return any(ANOTHER.search(clause.said) for clause in self.clauses)

    def counts(self) -> set[int]:
        """Return how many pictures the words count, without those that they name: 两张都要."""
        return {number for clause in self.clauses if not clause.pictures for number in counted(clause.said)}


def _is_of(clause: Clause, kinds: Collection[str]) -> bool:
    return clause.kind in kinds or (clause.kind == WRONG and bool({"refusal", "description"} & set(kinds)))


@lru_cache(maxsize=64)
def read(words: str) -> Reading:
    """Read a text. It is read whole: what nobody knows is a clause of the class `unknown`."""
    clauses, found = read_clauses(words)
    marks = [(clause.kind, sign) for clause in clauses for sign in clause.said if sign == WHOLE]
    meant = [address for (kind, _), address in zip(marks, found, strict=False) if kind == "address"]
    if len(marks) != len(found):  # an address stands in what was cut away
        clauses = [*clauses, Clause(text="", kind=UNKNOWN, pictures=[])]
    return Reading(clauses=clauses, addresses=list(dict.fromkeys(meant)), words=words)
