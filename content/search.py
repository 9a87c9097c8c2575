"""Finds the cells that speak of some words: exact, by stem, through the glossary, or past a typo."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import accumulate, compress, islice, product, takewhile
from math import log
from operator import and_, or_
from typing import Literal

from content.glossary import Glossary
from content.lexicon import STEM, Lexicon, Phrase
from content.matrix import Cell, Clause, Matrix
from content.tokens import Token, tokens

How = Literal["exact", "stem", "glossary", "fuzzy"]
_HOWS: tuple[How, ...] = ("exact", "stem", "glossary", "fuzzy")
_WORTH = (1.0, 0.97, 0.8, 0.6)  # of each way to match
_APART, _TOGETHER = 0.85, 0.93  # several words spread over a cell, or in one clause but not side by side
_COVERAGE = 0.65  # of the words, weighed by rarity: what a cell must hold when none holds them all
_MOST_COMBINED = 7  # words of which some may be missing; more are all needed
_EVERYDAY = 2  # how vague a term is at most
_TERMS = 512  # resolved search terms kept; on a large matrix a common one holds every second clause


@dataclass(frozen=True, slots=True)
class Hit:
    """A cell that holds the words, the clause that holds most of them, and how the weakest word was matched."""

    cell: Cell
    clause: Clause
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, at most as many as asked for; `total` counts all of them.

    `repaired` are typos (as typed, as understood), `dropped` words left out because nothing holds them too.
    `related` are words that the framework lacks, each with those of its own that the glossary puts in their place.
    """

    hits: tuple[Hit, ...] = ()
    repaired: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    total: int = 0
    related: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    """One thing searched for: where it is, and the weakest way needed to find it there (a place in `_HOWS`)."""

    said: str
    vague: int  # 0 for a telling term, 1 for a generic one, 2 for an everyday word
    repaired: tuple[str, str] | None
    phrases: tuple[Phrase, ...]
    clauses: Mapping[int, int]
    related: tuple[str, ...]
    tiers: tuple[int, ...]  # the cells found by each way or a better one, a bit per cell: quick to combine

    @property
    def cells(self) -> int:
        """Every cell that holds the term."""
        return self.tiers[-1]


class Index:
    """An inverted index over every clause of a matrix, built once."""

    def __init__(self, matrix: Matrix, glossary: Glossary) -> None:
        self._cells = tuple(matrix.cells.values())
        self._first: list[int] = []  # of each cell: the number of its first clause
        self._clauses: list[tuple[int, Clause]] = []
        postings: dict[str, list[int]] = {}
        languages: dict[str, set[str]] = {}
        parts: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
        for number, cell in enumerate(self._cells):
            parts["role", cell.role].append(number)
            parts["level", cell.level].append(number)
            self._first.append(len(self._clauses))
            for clause in cell.clauses:
                for language, text in clause.text.texts.items():
                    words = {token.word for token in tokens(text)}
                    languages.setdefault(language, set()).update(words)
                    for word in words:
                        where = postings.setdefault(word, [])
                        if not where or where[-1] != len(self._clauses):
                            where.append(len(self._clauses))
                self._clauses.append((number, clause))
        self._first.append(len(self._clauses))
        self._of = {part: self._bits(numbers) for part, numbers in parts.items()}
        self._postings = postings
        self._sorted = sorted(postings)
        self.lexicon = Lexicon(languages, glossary)
        self._term = lru_cache(_TERMS)(self._resolve)

    def find(self, words: str, *, role: str | None = None, level: str | None = None, limit: int = 40) -> Found:
        """The cells that hold every word, best first, or else most of them; nothing when they do not."""
        groups = self.lexicon.terms(words)
        terms = [self._term(each) for each in dict.fromkeys(each for group in groups for each in group)]
        if not terms:
            return Found()
        least = min(term.vague for term in terms)
        telling = [term for term in terms if term.vague == least]
        if least == _EVERYDAY and not any(term.tiers[0] for term in telling):
            return Found()  # "driving" is not about what "drives" adoption
        names = {term.said for term in telling}
        together = [{" ".join(each) for each in group} for group in groups]
        beside: set[str] = set().union(
            *(group for group in together if group & names)
        )  # a vague word matters beside a telling one
        within = reduce(and_, (self._of.get(part, 0) for part in (("role", role), ("level", level)) if part[1]), -1)
        used = self._most(telling, within)
        cells = reduce(and_, (term.cells for term in used), within) if used else 0
        dropped = [term.said for term in telling if term not in used] if used else []
        for term in terms:
            if cells and term.said in beside - names:
                if narrower := cells & term.cells:
                    cells, used = narrower, [*used, term]
                else:
                    dropped.append(term.said)
        used = [term for term in terms if term in used]  # in the order they were said, for words side by side
        hits = self._rank(cells, used, limit)
        return Found(
            hits=hits,
            repaired=tuple(term.repaired for term in used if term.repaired) if hits else (),
            dropped=tuple(dropped),
            total=cells.bit_count(),
            related=tuple((term.said, term.related) for term in used if term.related) if hits else (),
        )

    def beginning(self, start: str, most: int) -> list[str]:
        """The words of the framework that begin so, in lower case; those that most clauses hold come first."""
        first = bisect_left(self._sorted, start)
        found = list(takewhile(lambda word: word.startswith(start), islice(self._sorted, first, None)))
        return sorted(found, key=lambda word: -len(self._postings[word]))[:most]

    def shares(self, words: str) -> Mapping[str, float]:
        """Of every clause that holds any of the words, by its id, what share of those that tell something: 1 is all."""
        terms = [
            self._term(each) for each in dict.fromkeys(each for group in self.lexicon.terms(words) for each in group)
        ]
        least = min((term.vague for term in terms), default=0)
        telling = [term for term in terms if term.vague == least]
        held = Counter(clause for term in telling for clause in term.clauses)
        return {self._clauses[clause][1].id: count / len(telling) for clause, count in held.items()}

    def _most(self, terms: Sequence[_Term], within: int) -> list[_Term]:
        """The terms that one cell holds together: all of them, or else nearly all, the rarer the more they count."""
        if reduce(and_, (term.cells for term in terms), within) or not all(term.cells for term in terms):
            return list(terms)
        if len(terms) > _MOST_COMBINED:
            return []
        weights = [log(1 + len(self._cells) / term.cells.bit_count()) for term in terms]
        best, least = [], _COVERAGE * sum(weights)
        for picks in product((True, False), repeat=len(terms)):
            weight = sum(compress(weights, picks))
            if weight >= least:
                some = list(compress(terms, picks))
                if reduce(and_, (term.cells for term in some), within):
                    best, least = some, weight
        return best

    def _rank(self, cells: int, terms: Sequence[_Term], limit: int) -> tuple[Hit, ...]:
        # A common word stands in thousands of cells: only the best few are looked at closely.
        few: dict[int, int] = {}
        for how in range(len(_HOWS)):
            found = reduce(and_, (term.tiers[how] for term in terms), cells)
            few |= dict.fromkeys(_lowest(found, 2 * limit - len(few)), how)
            cells &= ~found
        scored: list[tuple[float, int, Hit]] = []
        for number, how in few.items():
            clause, closeness = self._place(number, terms)
            score = round(_WORTH[how] * closeness, 3)
            scored.append((-score, number, Hit(self._cells[number], self._clauses[clause][1], _HOWS[how], score)))
        scored.sort(key=lambda entry: entry[:2])
        return tuple(hit for _, _, hit in scored[:limit])

    def _place(self, number: int, terms: Sequence[_Term]) -> tuple[int, float]:
        """The clause of a cell that holds most of the terms, and how close together they stand there."""

        def closeness(clause: int) -> tuple[float, int, int]:
            held = [term for term in terms if clause in term.clauses]
            weakness = sum(term.clauses[clause] for term in held)
            if len(held) < len(terms):
                telling = sum(not term.vague for term in held)
                return _APART * (telling + len(held) / len(terms)) / (len(terms) + 1), -weakness, -clause
            return (1.0 if self._side_by_side(clause, terms) else _TOGETHER), -weakness, -clause

        best = max(closeness(clause) for clause in range(self._first[number], self._first[number + 1]))
        return -best[2], max(best[0], _APART)

    def _side_by_side(self, clause: int, terms: Sequence[_Term]) -> bool:
        if len(terms) == 1:
            return True
        for text in self._clauses[clause][1].text.texts.values():
            said = tokens(text)
            ends = {end for phrase in terms[0].phrases for _, end in _spans(said, phrase)}
            for term in terms[1:]:
                ends = {end for phrase in term.phrases for start, end in _spans(said, phrase) if start in ends}
            if ends:
                return True
        return False

    def _resolve(self, said: tuple[str, ...]) -> _Term:
        """Where a term is, by every way but the last; as a typo only when there is none."""
        phrases, clauses = self._locate(said)
        repaired: tuple[str, str] | None = None
        if not clauses and (mended := self.lexicon.repair(said)):
            phrases, found = self._locate(mended.words)
            clauses = dict.fromkeys(found, len(_HOWS) - 1)
            repaired = (" ".join(said), mended.shown)
        cells: list[list[int]] = [[] for _ in _HOWS]
        for clause, how in clauses.items():
            cells[how].append(self._clauses[clause][0])
        tiers = tuple(accumulate(map(self._bits, cells), or_))
        vague = _EVERYDAY if self.lexicon.casual(said) else int(self.lexicon.generic(said))
        related = () if repaired or tiers[STEM] else self.lexicon.related(said)
        return _Term(" ".join(said), vague, repaired, phrases, clauses, related, tiers)

    def _bits(self, numbers: Iterable[int]) -> int:
        bits = bytearray(len(self._cells) // 8 + 1)
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(bits, "little")

    def _locate(self, said: tuple[str, ...]) -> tuple[tuple[Phrase, ...], dict[int, int]]:
        ways = tuple(self.lexicon.ways(said))
        clauses: dict[int, int] = {}
        for how, phrase in ways:
            for clause in self._speaking(phrase):
                clauses.setdefault(clause, how)
        return tuple(phrase for _, phrase in ways), clauses

    def _speaking(self, phrase: Phrase) -> Iterable[int]:
        """The clauses that hold a phrase, its words side by side."""
        if len(phrase) == len(phrase[0]) == 1:
            return self._postings.get(min(phrase[0]), ())
        first, *rest = ({n for word in words for n in self._postings.get(word, ())} for words in phrase)
        for held in rest:
            first &= held
        if not rest:
            return sorted(first)
        texts = ((n, text) for n in sorted(first) for text in self._clauses[n][1].text.texts.values())
        return [n for n, text in texts if any(True for _ in _spans(tokens(text), phrase))]


def _lowest(bits: int, count: int) -> Iterator[int]:
    """The places of the lowest bits that are set, at most so many."""
    while bits and count > 0:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
        count -= 1


def _spans(said: Sequence[Token], phrase: Phrase) -> Iterator[tuple[int, int]]:
    """Where a phrase stands in a text: from where to where."""
    for token in said:
        if token.word in phrase[0]:
            ends = {token.end}
            for words in phrase[1:]:
                ends = {other.end for other in said if other.start in ends and other.word in words}
            yield from ((token.start, end) for end in sorted(ends))
