"""The grammar: covers a stretch of text completely with phrases of the lexicon, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.language.lexicon import Item, Lexicon, Opening, Pattern, Words

FILLER = "filler"  # particles and forms of address, which have no meaning of their own
_Cost = tuple[int, int]  # number of pieces, and their total rank of caution


@dataclass(frozen=True)
class Piece:
    """A matched phrase: its class and position."""

    kind: str
    begin: int
    end: int

    def of(self, kind: str) -> "Piece":
        """Return the same piece with another class."""
        return Piece(kind, self.begin, self.end)

    def moved(self, by: int) -> "Piece":
        """Return the piece shifted by an offset, for its place in a longer text."""
        return Piece(self.kind, self.begin + by, self.end + by)


@dataclass
class Chart:
    """A chart parser for a stretch of text, with memoised results."""

    lexicon: Lexicon
    text: str
    _ends: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    _signs: dict[int, dict[str, int]] = field(default_factory=dict)

    def cover(self) -> list[Piece] | None:
        """Return the fewest phrases that cover the whole text, preferring cautious classes; None if there is no cover.

        Long phrases are more reliable than several short ones: 不用改 is one, and so is 没有不满意.
        """
        best: dict[int, tuple[_Cost, Piece | None]] = {0: ((0, 0), None)}
        for begin in range(len(self.text)):
            if begin not in best:
                continue
            (pieces, rank), _ = best[begin]
            for caution, (kind, opening) in enumerate(self.lexicon.class_openings):
                if not self._can_begin(opening, begin):
                    continue
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
        """Return the possible ends of a named phrase that starts at `begin`; never `begin` itself."""
        key = (name, begin)
        known = self._ends.get(key)
        if known is None:
            self._ends[key] = ()  # stops left recursion
            known = self._ends[key] = tuple(sorted(self._find(name, begin) - {begin}))
        return known

    def _find(self, name: str, begin: int) -> set[int]:
        if name in self.lexicon.signs:
            end = self._signs_at(begin).get(name)
            return set() if end is None else {end}
        if words := self.lexicon.words.get(name):
            return self._words(words, begin)
        patterns = self.lexicon.openings[name]
        possible = [pattern for opening, pattern in patterns if self._can_begin(opening, begin)]
        return {end for pattern in possible for end in self._pattern(pattern, begin)}

    def _can_begin(self, opening: Opening, begin: int) -> bool:
        """Whether a match is possible here; most phrases are ruled out by their first character."""
        return self.text[begin : begin + 1] in opening.characters or not opening.signs.isdisjoint(self._signs_at(begin))

    def _signs_at(self, begin: int) -> dict[str, int]:
        """Return the regular expressions that match here, each with the end of its match."""
        known = self._signs.get(begin)
        if known is None:
            found = ((name, sign.match(self.text, begin)) for name, sign in self.lexicon.signs.items())
            known = self._signs[begin] = {
                name: match.end() for name, match in found if match and not self._is_within_a_word(match.end())
            }
        return known

    def _words(self, words: Words, begin: int) -> set[int]:
        if self.text[begin : begin + 1] not in words.first:
            return set()
        found = {begin + length for length in words.lengths if self.text[begin : begin + length] in words.words}
        return {end for end in found if not self._is_within_a_word(end)}

    def _is_within_a_word(self, place: int) -> bool:
        """Whether this is inside a Latin word: the p of p掉 does not match in please."""
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
        """Advance from each place by one item; a space between items is skipped."""
        found = set(places) if item.may_lack else set()
        front = places
        while front:
            reached = {end for place in front for end in self._once(item, place, first)}
            front = (reached - found) if item.may_repeat else set()
            found |= reached
        return found

    def _once(self, item: Item, place: int, first: int) -> Iterable[int]:
        begin = place + 1 if place > first and self.text[place : place + 1] == " " else place
        if isinstance(item.what, Words):
            return self._words(item.what, begin)
        return self.ends(item.what, begin)
