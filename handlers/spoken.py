"""What is spoken of in a place, and of it what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from content.texts import Voice
from handlers.intent import (
    AskRequirement,
    CompareLevels,
    CompareRoles,
    Intent,
    PutBack,
    SetLanguage,
    ShowExpectations,
    UnknownName,
)
from handlers.phrase import level_name, role_name, rung
from handlers.ports import Desk
from handlers.records import Fact, Profile, Subject, SubjectSet
from handlers.reply import Heading, Reply, Text
from handlers.turn import Turn


def current_of(profile: Profile, desk: Desk) -> Profile:
    """The profile as far as the framework still knows its role and level."""
    role = desk.matrix.roles.get(profile.role or "")
    level = profile.level if profile.level in (role.ladder if role else desk.matrix.levels) else None
    return replace(profile, role=role.id if role else None, level=level)


def own_up(reply: Reply, current: Profile, voice: Voice, desk: Desk) -> Reply:
    """Says that a gap was filled from the profile; with that the reply is private."""
    if current.role and current.level:
        who = rung(desk, voice, current.role, current.level)
    elif current.role:
        who = role_name(desk, voice, current.role)
    elif current.level:
        who = level_name(desk, voice, current.level)
    else:
        return reply
    place = 1 if isinstance(reply.blocks[0], Heading) else 0
    line = Text(voice("profile.assumed", who=who))
    return replace(reply, blocks=(*reply.blocks[:place], line, *reply.blocks[place:]), private=True)


def spoken_of(intent: Intent, subject: Subject, turn: Turn, voice: Voice) -> Subject:
    """What is spoken of now, for follow-ups."""
    match intent:
        case CompareLevels(role=role, levels=levels, skill=skill):
            subject = replace(subject, role=role, level=levels[-1] if levels else None, skill=skill)
        case CompareRoles(roles=roles, level=level, skill=skill):
            subject = replace(subject, role=roles[-1] if roles else None, level=level, skill=skill)
        case (
            ShowExpectations(role=role, level=level, skill=skill) | AskRequirement(role=role, level=level, skill=skill)
        ):
            subject = replace(subject, role=role, level=level, skill=skill)
        case UnknownName(what="role" | "level", role=role, level=level, skill=skill):
            subject = replace(subject, role=role, level=level, skill=skill)
        case _:
            pass
    return replace(subject, lang=voice.lang) if turn.words or isinstance(intent, SetLanguage) else subject


def remember(
    reply: Reply, intent: Intent, before: Subject, subject: Subject, turn: Turn, *, frugal: bool
) -> tuple[Fact, ...]:
    """What is spoken of from now on.

    On a `frugal` turn, and on an undo, there is enough to write: the language alone is not worth a statement more.
    """
    listed = [fact.subject for fact in reply.facts if isinstance(fact, SubjectSet)]
    if listed:
        subject = replace(listed[-1], answers=subject.answers)
    same = replace(before, lang=subject.lang) if frugal or isinstance(intent, PutBack) else before
    return (SubjectSet(turn.place, subject),) if listed or reply.answers or subject != same else ()


def put_on_record(reply: Reply) -> Iterator[Fact]:
    """What is put on record of the person; what is spoken of stands elsewhere."""
    return (fact for fact in reply.facts if not isinstance(fact, SubjectSet))
