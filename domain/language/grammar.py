"""The grammar: a stretch of words is covered entirely by phrases of the lexicon, or not at all."""

from dataclasses import dataclass, field

from domain.language.lexicon import Item, Lexicon, Pattern, Words

FILLER = "filler"  # particles and forms of address, which say nothing by themselves
_Cost = tuple[int, int]  # pieces, and how cautious they are


@dataclass(frozen=True)
class Piece:
    """A phrase that was found: its class, and where it stands."""

    kind: str
    begin: int
    end: int

    def of(self, kind: str) -> "Piece":
        """Return the same words as a phrase of another class."""
        return Piece(kind, self.begin, self.end)

    def moved(self, by: int) -> "Piece":
        """Return the same phrase in a longer text, in which it stands further on."""
        return Piece(self.kind, self.begin + by, self.end + by)


@dataclass
class Chart:
    """What stands where in a stretch of words; each question is answered once, so that it takes no time."""

    lexicon: Lexicon
    text: str
    _ends: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)

    def cover(self) -> list[Piece] | None:
        """Return the fewest phrases that cover the text entirely, cautious ones first; None where some words are left.

        Few long phrases know more than many short ones: 不用改 is one, and so is 没有不满意.
        """
        best: dict[int, tuple[_Cost, Piece | None]] = {0: ((0, 0), None)}
        for begin in range(len(self.text)):
            if begin not in best:
                continue
            (pieces, rank), _ = best[begin]
            for caution, kind in enumerate(self.lexicon.classes):
                cost = (pieces, rank) if kind == FILLER else (pieces + 1, rank + caution)
                for end in self.ends(kind, begin):
                    if end not in best or cost <= best[end][0]:  # the first phrases are the longest
                        best[end] = (cost, Piece(kind, begin, end))
        return self._way(best)

    def _way(self, best: dict[int, tuple[_Cost, Piece | None]]) -> list[Piece] | None:
        if len(self.text) not in best:
            return None
        way: list[Piece] = []
        place = len(self.text)
        while piece := best[place][1]:
            way.append(piece)
            place = piece.begin
        return way[::-1]

    def ends(self, name: str, begin: int) -> tuple[int, ...]:
        """Return where what bears this name may end that begins here; never where it began."""
        key = (name, begin)
        if key not in self._ends:
            self._ends[key] = ()  # a phrase that begins with itself says nothing
            self._ends[key] = tuple(sorted(self._find(name, begin) - {begin}))
        return self._ends[key]

    def _find(self, name: str, begin: int) -> set[int]:
        if sign := self.lexicon.signs.get(name):
            found = sign.match(self.text, begin)
            return {found.end()} if found and not self._is_within_a_word(found.end()) else set()
        if words := self.lexicon.words.get(name):
            return self._words(words, begin)
        return {end for pattern in self.lexicon.phrases[name] for end in self._pattern(pattern, begin)}

    def _words(self, words: Words, begin: int) -> set[int]:
        found = {begin + length for length in words.lengths if self.text[begin : begin + length] in words.words}
        return {end for end in found if not self._is_within_a_word(end)}

    def _is_within_a_word(self, place: int) -> bool:
        """Whether a Latin word goes on here: the p of p掉 is no part of please."""
        around = self.text[place - 1 : place + 1]
        return len(around) == 2 and around.isascii() and around.isalpha()  # noqa: PLR2004

    def _pattern(self, pattern: Pattern, begin: int) -> set[int]:
        places = {begin}
        for item in pattern:
            places = self._item(item, places, begin)
            if not places:
                break
        return places

    def _item(self, item: Item, places: set[int], first: int) -> set[int]:
        """Go on from each place by one item; a space between two items is passed over."""
        found = set(places) if item.may_lack else set()
        front = places
        while front:
            reached = {end for place in front for end in self._once(item, place, first)}
            front = (reached - found) if item.may_repeat else set()
            found |= reached
        return found

    def _once(self, item: Item, place: int, first: int) -> set[int]:
        begin = place + 1 if place > first and self.text[place : place + 1] == " " else place
        if isinstance(item.what, Words):
            return self._words(item.what, begin)
        return set(self.ends(item.what, begin))
