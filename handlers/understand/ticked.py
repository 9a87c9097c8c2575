"""What people say of milestones: which ones, and whether it is so, or only asked, planned, supposed."""

from __future__ import annotations

from collections.abc import Iterator

from content.words import Cue
from handlers.intent import Intent, ListMilestones, MarkDone, SuggestNext, Unclear
from handlers.understand.clock import Clock
from handlers.understand.reading import Reading

_SAID = 80
_MOST_NUMBERS = 12
_FURTHEST = 20
"""The highest number that is taken for a place in a list where nothing else is said."""


def ticked(reading: Reading, clock: Clock) -> Intent:
    """What follows from "done": only a plain statement is put on record."""
    told = [match for match in reading.matches if match.cue in (Cue.DONE, Cue.UNDO)]
    within = _announced(reading, reading.stretch(told[0].start), told[0].mask)
    asks = any(
        tone.start in within and reading.leads(tone.start, start=within.start)
        for tone in reading.tones
        if tone.cue == Cue.ASKS
    )
    undo, mark = any(match.cue == Cue.UNDO for match in told), reading.tone(Cue.MARK, within=within)
    mixed = len({match.cue for match in told}) > 1 and len({reading.stretch(match.start) for match in told}) > 1
    if reading.tone(Cue.REPORTED, within=within):
        return Unclear()
    if reading.tone(Cue.LATER, within=within) or (reading.tone(Cue.WANT, within=within) and not (mark or undo)):
        return SuggestNext()
    if asks and not mark:
        return ListMilestones()
    numbers, wrong = numbers_in(reading, clock, _listed(reading, clock, within))
    every = reading.tone(Cue.ALL, within=within) and not numbers and not wrong
    open_ended = reading.tone(Cue.SEVERAL, within=within) or mixed or _denies(reading, within)
    told_so = mark or "?" not in reading.between(within.stop)
    sure = told_so and not (wrong or open_ended or reading.tone(Cue.UNSURE, within=within))
    if every:
        return MarkDone(every=True, number=_counted(reading, clock, within), done=not undo, sure=sure)
    if open_ended:
        return MarkDone(done=not undo, sure=False)
    if len(numbers) > 1:
        return MarkDone(numbers=numbers, done=not undo, sure=sure)
    number = numbers[0] if numbers else None
    return MarkDone(number=number, words="" if number else reading.term()[:_SAID], done=not undo, sure=sure)


def place_alone(reading: Reading, clock: Clock) -> MarkDone | None:
    """A place in a list and nothing else: "the second one", "number two please"."""
    if not any(part.name for part in reading.parts) and len(reading.parts) <= 6:
        numbers, wrong = numbers_in(reading, clock, range(len(reading.parts)))
        places = {
            place
            for place, part in enumerate(reading.parts)
            if clock.is_place(part.key) or _toned(reading, Cue.ITEM, place)
        }
        if len(numbers) == 1 and not wrong and numbers[0] <= _FURTHEST and set(reading.loose) <= places:
            return MarkDone(number=numbers[0], sure=False)
    return None


def _announced(reading: Reading, within: range, told: int) -> range:
    """The stretch, with the next one where it only announces it: "done: the second one"."""
    alone = all(told >> place & 1 or reading.parts[place].key in reading.fillers for place in within)
    if alone and within.stop < len(reading.parts) and ":" in reading.between(within.stop):
        return range(within.start, reading.stretch(within.stop).stop)
    return within


def _denies(reading: Reading, within: range) -> bool:
    """Whether something is negated beside what is done: "the first but not the second"."""
    undone = 0
    for match in reading.matches:
        if match.cue in (Cue.UNDO, Cue.DONE):
            undone |= match.mask
    return any(last in within and not undone >> last & 1 for last in reading.negated)


def _listed(reading: Reading, clock: Clock, within: range) -> range:
    """The stretch and those beside it that only go on counting: "done with 1, 2 and 3"."""
    start, stop = within.start, within.stop
    while start and _counts(reading, clock, reading.stretch(start - 1)):
        start = reading.stretch(start - 1).start
    while stop < len(reading.parts) and _counts(reading, clock, reading.stretch(stop)):
        stop = reading.stretch(stop).stop
    return range(start, stop)


def _counts(reading: Reading, clock: Clock, stretch: range) -> bool:
    parts = [reading.parts[place] for place in stretch]
    numbers = sum(clock.is_place(part.key) for part in parts)
    bare = all(clock.is_place(part.key) or part.key in reading.fillers for part in parts)
    return bool(numbers) and bare and len(parts) <= 3 * numbers and not any(last in stretch for last in reading.negated)


def numbers_in(reading: Reading, clock: Clock, within: range) -> tuple[tuple[int, ...], bool]:
    """The places in a list that are named, and whether one of them can be none: "-1", "1.5"."""
    ordinals: list[int] = []
    cardinals: list[int] = []
    several = any((clock.number(reading.parts[place].key) or 0) > 1 for place in within)
    wrong = False
    for place in _places(reading, clock, within):
        key, number = reading.parts[place].key, clock.number(reading.parts[place].key)
        before = reading.parts[place - 1].key if place else ""
        wrong = wrong or _is_no_place(reading, place)
        if (nth := clock.ordinal(key)) is not None:
            ordinals.append(nth)
        elif number and clock.ordinal(before) == 1:
            ordinals += range(2, number + 1)  # "the first two"
        elif number != 1 or several or key.isdecimal() or _toned(reading, Cue.ITEM, place - 1):
            cardinals.append(number if number is not None else -1)
    for last in within:
        if _spans(reading, last):
            first, end = (clock.number(reading.parts[place].key) or 0 for place in (within.start, last))
            near = [number for number in cardinals if number < end]
            cardinals += range((near[-1] if near else first) + 1, end)
    numbers = tuple(sorted(set(ordinals or cardinals)))
    wrong = wrong or not all(0 < number < 100 for number in numbers) or len(numbers) > _MOST_NUMBERS
    return (() if wrong else numbers), wrong


def _places(reading: Reading, clock: Clock, within: range) -> Iterator[int]:
    """Where numbers stand that are no count of all: "all three"."""
    for place in within:
        if clock.is_place(reading.parts[place].key) and not _toned(reading, Cue.ALL, place):
            yield place


def _toned(reading: Reading, cue: Cue, place: int) -> bool:
    return place >= 0 and any(tone.cue == cue and tone.mask >> place & 1 for tone in reading.tones)


def _is_no_place(reading: Reading, place: int) -> bool:
    """Whether digits are below nought or part of a fraction."""
    if not reading.parts[place].key.isdecimal():
        return False
    beside = place and reading.parts[place - 1].key.isdecimal()
    before = reading.between(place)
    return before in (".", ",") if beside else before.endswith(("-", "−"))


def _spans(reading: Reading, last: int) -> bool:
    """Whether a number ends a span: "1-3", "2 to 4"."""
    hyphen = last > 0 and reading.between(last) in ("-", "–") and reading.parts[last - 1].key.isdecimal()
    return hyphen or any(tone.cue == Cue.RANGE and tone.mask.bit_length() - 1 == last for tone in reading.tones)


def _counted(reading: Reading, clock: Clock, within: range) -> int | None:
    """How many are meant by "both" or "all three", where it is said."""
    counts = (clock.number(reading.parts[place].key) for place in within if _toned(reading, Cue.ALL, place))
    return next((count for count in counts if count and count > 1), None)
