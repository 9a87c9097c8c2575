"""Everything that is kept about a person, told so that they can read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from content.texts import Voice
from handlers import milestones
from handlers.day import day_of
from handlers.kept_teams import show_teams
from handlers.phrase import fragment, level_name, role_name, rung, skill_name
from handlers.ports import Desk
from handlers.profile import facts_of
from handlers.records import State
from handlers.reply import Block, Bullets, Facts, Heading, Item, Note, Text
from handlers.turn import Turn

Row = Mapping[str, Any]
Kept = Mapping[str, Sequence[Row]]
"""What `Store.export` gives: rows by kind, as JSON has them."""

MOST_LISTED = 3
"""Entries of each kind that are shown, the newest first; the file holds all of them."""


def show_kept(kept: Kept, teams: Mapping[str, str], turn: Turn, desk: Desk, voice: Voice) -> Iterator[Block]:
    """Who the person is, what they told of themselves, said of milestones and noted, their nudges, what was last spoken
    of, and their teams, of which `teams` are the names by their ids."""
    for row in kept.get("person", ()):
        yield Facts(tuple(_person(row, turn, desk, voice)))
    yield from _milestones(kept.get("milestone", ()), turn, desk, voice)
    noted = sorted(kept.get("evidence", ()), key=lambda row: str(row["at"]), reverse=True)
    if noted:
        yield Heading(voice("privacy.evidence", count=len(noted)))
        yield from _list([_evidence(row, turn, desk, voice) for row in noted[:MOST_LISTED]], len(noted), voice)
    for row in kept.get("nudging", ()):
        yield Heading(voice("privacy.nudge"))
        yield Facts(tuple(_nudge(row, desk, voice)))
    letters = sorted(kept.get("letter", ()), key=lambda row: str(row["day"]), reverse=True)
    if letters:
        yield Heading(voice("privacy.letters", count=len(letters)))
        yield from _list([_letter(row, voice) for row in letters[:MOST_LISTED]], len(letters), voice)
        yield Note(voice("privacy.letters-file"))
    spoken = sorted(kept.get("subject", ()), key=lambda row: str(row["at"]), reverse=True)
    if spoken:
        yield Heading(voice("privacy.subjects"))
        yield from _list([_subject(row, turn, desk, voice) for row in spoken[:MOST_LISTED]], len(spoken), voice)
    yield from show_teams(kept, teams, turn, desk, voice)
    yield Note(voice("privacy.ids"))


def _list(items: Sequence[Item], count: int, voice: Voice) -> tuple[Block, ...]:
    more = (Text(voice("privacy.more", count=count - len(items))),) if count > len(items) else ()
    return Bullets(tuple(items)), *more


def _person(row: Row, turn: Turn, desk: Desk, voice: Voice) -> Iterator[tuple[str, str]]:
    """Who the person is, when they were here, and what they chose."""
    whose = {"user": row["user_id"], "platform": row["platform"], "tenant": row["tenant"]}
    yield voice("privacy.id"), voice("privacy.account", **whose)
    yield voice("privacy.seen"), voice.date(datetime.date.fromisoformat(row["seen_on"]))
    if row["role"] or row["level"]:
        yield from facts_of(desk, voice, turn.known.profile)
    if row["how"]:
        yield voice("privacy.how"), voice(f"privacy.hows.{row['how']}")
    if row["set_at"]:
        yield voice("privacy.set-at"), _date(row["set_at"], turn, voice)
    if row["edition"]:
        yield voice("privacy.edition"), row["edition"]
    if row["lang"]:
        yield voice("privacy.language"), voice.language(row["lang"])
    if row["zone"]:
        yield voice("privacy.zone"), row["zone"]
    if row["address"]:
        yield voice("privacy.address"), voice("privacy.address-kept")


def _milestones(rows: Sequence[Row], turn: Turn, desk: Desk, voice: Voice) -> Iterator[Block]:
    """What the person said of clauses, by state; what the framework has dropped comes last."""
    newest = sorted(rows, key=lambda row: (str(row["since"]), row["clause"]), reverse=True)
    for state in (*State, None):
        mine = [row for row in newest if (None if row["archived"] else row["state"]) == state]
        if mine:
            yield Heading(voice(f"privacy.states.{state or 'archived'}", count=len(mine)))
            yield from _list([_milestone(row, turn, desk, voice) for row in mine[:MOST_LISTED]], len(mine), voice)


def _milestone(row: Row, turn: Turn, desk: Desk, voice: Voice) -> Item:
    said = [voice("privacy.since", date=_date(row["since"], turn, voice))]
    if row["checked"]:
        said.append(voice("privacy.checked", date=_date(row["checked"], turn, voice)))
    return Item(_clause(row["clause"], desk, voice), detail=" ".join(said))


def _evidence(row: Row, turn: Turn, desk: Desk, voice: Voice) -> Item:
    said = [voice("privacy.noted", date=_date(row["at"], turn, voice))]
    if row["day"]:
        day = datetime.date.fromisoformat(row["day"])
        said.insert(0, voice("privacy.happened", date=voice.date(day)))
    if row["clause"]:
        said.append(voice("privacy.for-clause", clause=_clause(row["clause"], desk, voice)))
    return Item(" – ".join(filter(None, (row["text"], row["link"]))), detail=" ".join(said))


def _clause(clause: str, desk: Desk, voice: Voice) -> str:
    """A clause's words and where it stands; its id where the framework has it no more."""
    step = milestones.find(desk.matrix, clause)
    if step is None:
        return clause
    at = rung(desk, voice, step.cell.role, step.cell.level)
    return voice("privacy.clause", clause=fragment(step.clause, voice), rung=at)


def _subject(row: Row, turn: Turn, desk: Desk, voice: Voice) -> Item:
    """What was last spoken of in a conversation, for follow-ups."""
    matrix, role, level, skill = desk.matrix, row["role"], row["level"], row["skill"]
    parts = [
        role_name(desk, voice, role) if role in matrix.roles else role,
        level_name(desk, voice, level) if level in matrix.levels else level,
        skill_name(desk, voice, skill) if skill in matrix.skills else skill,
        voice("privacy.subject-listed", count=len(row["milestones"])) if row["milestones"] else None,
        voice("privacy.subject-heard", answers=_answers(row["answers"], voice)) if row["answers"] else None,
        voice.language(row["lang"]) if row["lang"] else None,
    ]
    here = row["place"] == turn.place.id
    where = voice("privacy.subject-here") if here else voice("privacy.subject-elsewhere", place=row["place"])
    return Item(" · ".join(filter(None, parts)) or "–", where, _date(row["at"], turn, voice))


def _nudge(row: Row, desk: Desk, voice: Voice) -> Iterator[tuple[str, str]]:
    """The weekly nudge: when it comes, where it stands, and what the person plans."""
    if row["weekday"] is not None:
        when = {"day": voice.weekday(row["weekday"]), "time": voice.time(row["minute"]), "zone": row["zone"]}
        yield voice("privacy.nudge-slot"), voice("privacy.nudge-slot-value", **when)
        yield voice("privacy.nudge-window"), voice("privacy.nudge-window-value", count=row["window"])
        yield voice("privacy.nudge-every"), voice("privacy.nudge-every-value", count=row["every"])
    for name in ("since", "away_from", "away_until", "offered", "due_day", "last"):
        if row[name]:
            yield voice(f"privacy.nudge-days.{name}"), _day(row[name], voice)
    if row["due"]:
        yield voice("privacy.nudge-due"), voice("privacy.nudge-due-value", data=row["zone_data"] or "–")
    if row["chosen"]:
        yield voice("privacy.nudge-chosen"), _day(row["chosen"][:10], voice)
    if row["country"]:
        yield voice("privacy.nudge-country"), row["country"]
    if row["paused"]:
        yield voice("privacy.nudge-paused"), voice("privacy.nudge-paused-value")
    if row["ignored"]:
        yield voice("privacy.nudge-ignored"), str(row["ignored"])
    if row["plan_clause"]:
        said = {"when": row["plan_when"], "then": row["plan_then"], "date": _day(row["plan_day"], voice)}
        plan = voice("privacy.plan-value", clause=_clause(row["plan_clause"], desk, voice), **said)
        outcome = row["plan_outcome"] and voice(f"privacy.plan-outcomes.{row['plan_outcome']}")
        yield voice("privacy.plan"), " ".join(filter(None, (plan, outcome)))


def _letter(row: Row, voice: Voice) -> Item:
    return Item(_day(row["day"], voice), voice(f"privacy.letter-states.{row['state']}"))


def _day(day: str, voice: Voice) -> str:
    """A day as JSON has it."""
    return voice.date(datetime.date.fromisoformat(day))


def _answers(kept: Iterable[str], voice: Voice) -> str:
    """The short answers that mean something in a conversation."""
    return voice.list(*(voice(f"privacy.answers.{one}") for one in kept))


def _date(moment: str, turn: Turn, voice: Voice) -> str:
    """The day of a moment as JSON has it."""
    return voice.date(day_of(datetime.datetime.fromisoformat(moment), turn))
