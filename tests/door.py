"""The one door over a store: presses and words of several people, and what stands in the store afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

from handlers.answer import answer
from handlers.intent import (
    AddEvidence,
    ConfirmMilestone,
    FindLevel,
    GatherRoster,
    Intent,
    MarkDone,
    PickMilestone,
    PutBackNudges,
    RateAnswer,
    ReceiveCard,
    ReceiveInvite,
    Search,
    SetLanguage,
    SetProfile,
    TellManaging,
    TellPosted,
    UnknownName,
)
from handlers.ports import Desk, Store
from handlers.reply import Reply
from handlers.turn import Person, Place, Turn
from tests.talk import Clock, make_desk

ME = Person("slack", "T1", "U1")
HERE = Place("D1")
ROLE = "mlops-engineer"

Kept = dict[str, list[dict[str, Any]]]


def desk_over(store: Store, clock: Callable[[], Any] | None = None) -> Desk:
    """The shipped content over a store, at a time that stands unless a clock is given."""
    desk = replace(make_desk(Clock()), store=store)
    return replace(desk, now=clock) if clock else desk


async def press(intent: Intent, desk: Desk, person: Person = ME) -> Reply:
    """The answer to a pressed button."""
    return await answer(Turn(person, HERE, intent=intent, pressed=True, lang="en"), desk)


async def say(words: str, desk: Desk, person: Person = ME) -> Reply:
    """The answer to typed words."""
    return await answer(Turn(person, HERE, words=words, lang="en"), desk)


def clauses(desk: Desk, level: str = "senior") -> list[str]:
    """The clauses of a level of a role."""
    return [clause.id for cell in desk.matrix.column(ROLE, level) for clause in cell.clauses]


def keeping(clause: str, mark: str = "Rolled it out to a tenth first.") -> dict[str, Intent]:
    """What puts something on record about a clause, by a name; `mark` stands in what is written."""
    link = f"https://example.com/{mark.replace(' ', '-')}"
    return {
        "profile": SetProfile(role=ROLE, level="senior"),
        "language": SetLanguage(lang="de"),
        "pick": PickMilestone(clause=clause),
        "done": MarkDone(clause=clause),
        "done with evidence": MarkDone(clause=clause, text=mark, link=link),
        "evidence": AddEvidence(clause=clause, text=mark, link=link),
        "walk": FindLevel(role=ROLE, level="senior", clause=clause, answer="partly"),
        "walk with an example": FindLevel(role=ROLE, level="senior", clause=clause, answer="yes", text=mark, link=link),
        "still true": ConfirmMilestone(clause=clause, still=True),
    }


def every_kind() -> list[Intent]:
    """An intent of each kind, with nothing more in it than must be."""
    needed = {
        UnknownName: {"what": "role", "said": "gardener"},
        Search: {"words": "serving"},
        PutBackNudges: {"weekday": 0, "minute": 540, "zone": "UTC", "since": "2026-04-01"},
        ReceiveInvite: {"team": "0123456789ab", "by": "U2"},
        GatherRoster: {"team": "0123456789ab"},
        TellPosted: {"team": "0123456789ab", "number": 1},
        TellManaging: {"team": "0123456789ab", "by": "kim"},
        ReceiveCard: {"card": "0123456789abcdef"},
        RateAnswer: {"about": "expect", "helped": True},
    }
    return [kind.model_validate(needed.get(kind, {})) for kind in get_args(Intent)]


def told(kept: Kept) -> Kept:
    """An export without whose it is."""
    return {
        table: [{name: value for name, value in row.items() if name != "user_id"} for row in rows]
        for table, rows in kept.items()
    }
