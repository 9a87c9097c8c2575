"""What stands on a card, the same for the one who makes it and the one who gets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from handlers import milestones
from handlers.day import day_of
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.records import Evidence, Milestone, State
from handlers.reply import Block, Bullets, Item, Note, Quote, Text
from handlers.turn import Turn

EVIDENCE = "evidence:"
"""What stands before the id of a piece of evidence among the lines of a card."""

MOST_SHOWN = 500
"""Characters of a piece of evidence on a card."""

_STATES = {State.DONE: "done", State.WORKING: "working", State.PARTLY: "partly"}


def card_blocks(
    lines: Sequence[str],
    asked: str,
    evidence: Mapping[str, Evidence],
    known: Mapping[str, Milestone],
    turn: Turn,
    desk: Desk,
) -> Iterator[Block]:
    """The lines as they stand now, and the question; a line whose clause or evidence is gone is left out."""
    voice = desk.voice(turn.lang)
    items = [item for line in lines if (item := _item(line, evidence, known, turn, desk))]
    if items:
        yield Bullets(tuple(items), numbered=True)
    if len(items) < len(lines):
        yield Note(voice("card.clause-gone"))
    if asked:
        yield Text(voice("card.asks"))
        yield Quote(asked, voice.lang)


def _cut(text: str) -> str:
    """What fits a card, which is one message, so that it can be taken back whole."""
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1].rstrip()}…"


def _item(
    line: str, evidence: Mapping[str, Evidence], known: Mapping[str, Milestone], turn: Turn, desk: Desk
) -> Item | None:
    voice = desk.voice(turn.lang)
    if line.startswith(EVIDENCE):
        noted = evidence.get(line.removeprefix(EVIDENCE))
        if noted is None:
            return None
        date = voice.date(noted.day or day_of(noted.at, turn))
        told = [voice("card.evidence-of", date=date), noted.link if noted.text and noted.link else ""]
        return Item(_cut(noted.text or noted.link or "…"), detail=" ".join(filter(None, told)))
    step = milestones.find(desk.matrix, line)
    if step is None:
        return None
    stands = known.get(line)
    key = _STATES.get(stands.state, "open") if stands and not stands.archived else "open"
    date = voice.date(day_of(stands.since, turn)) if stands and key != "open" else ""
    return Item(fragment(step.clause, voice), detail=voice(f"card.{key}", date=date) if date else voice("card.open"))
