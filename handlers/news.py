"""What changed in the framework since a person was last told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from content.texts import Voice
from handlers import milestones
from handlers.phrase import bare, fragment, skill_label, skill_name
from handlers.ports import Desk
from handlers.records import Fact, Known, MilestoneSet, Profile, ProfileSet
from handlers.reply import Block, Bullets, Item, Text

MOST_NEWS = 8
"""Changed clauses that are named at once; of the others only how many there are."""


@dataclass(frozen=True, slots=True)
class News:
    """What is told, what is then on record, and what is known of the person with that."""

    known: Known
    blocks: tuple[Block, ...] = ()
    facts: tuple[Fact, ...] = ()


async def look_for_news(known: Known, desk: Desk, voice: Voice) -> News:
    """The changes at the person's level, and what they said of clauses that are gone: that is archived.

    A clause that has come back counts again.
    """
    told, edition = known.profile.edition, desk.matrix.edition
    if told == edition or not (told or known.milestones):
        return News(known)
    before = await desk.store.edition(told) if told else None
    gone = {clause: milestones.find(desk.matrix, clause) is None for clause in known.milestones}
    moved = {
        clause: replace(one, archived=gone[clause])
        for clause, one in known.milestones.items()
        if one.archived != gone[clause]
    }
    facts: tuple[Fact, ...] = (
        ProfileSet(Profile(edition=edition), only=frozenset({"edition"})),
        *(MilestoneSet(one.clause, one.state, archived=one.archived) for one in moved.values()),
    )
    archived = [clause for clause in moved if gone[clause]]
    blocks = _tell(known.profile, before, archived, desk, voice)
    if told and before is None:
        blocks = (Text(voice("news.unknown")), *blocks)
    return News(replace(known, milestones={**known.milestones, **moved}), blocks, facts)


def _tell(
    profile: Profile, before: Mapping[str, str] | None, archived: list[str], desk: Desk, voice: Voice
) -> tuple[Block, ...]:
    """What changed, in words: first the clauses of the level, then what was worked on elsewhere, then requirements."""
    own = [profile.role, profile.level]
    then = {name: said for name, said in (before or {}).items() if name.split("/")[1:3] == own}
    items = _changed(profile, then, archived, desk, voice) if before else []
    elsewhere = [
        _item(clause, (before or {}).get(clause, clause), voice("news.archived"), desk, voice)
        for clause in archived
        if clause not in then
    ]
    standings = [Item(text) for text in _standings(profile, then, desk, voice)]
    return (
        *_section(voice, "news.changed", items),
        *_section(voice, "news.elsewhere", elsewhere),
        *_section(voice, "news.standings", standings),
    )


def _section(voice: Voice, title: str, items: list[Item]) -> tuple[Block, ...]:
    if not items:
        return ()
    more = len(items) - MOST_NEWS
    cut = (Text(voice("news.more", count=more)),) if more > 0 else ()
    return (Text(voice(title, count=len(items))), Bullets(tuple(items[:MOST_NEWS])), *cut)


def _changed(
    profile: Profile, then: Mapping[str, str], archived: Iterable[str], desk: Desk, voice: Voice
) -> list[Item]:
    """The clauses of the level that are worded anew, new, or gone."""
    cells = desk.matrix.column(profile.role or "", profile.level or "")
    clauses = {clause.id: clause for cell in cells for clause in cell.clauses}
    items = []
    for name, clause in clauses.items():
        if name not in then:
            items.append(_item(name, fragment(clause, voice), voice("news.new"), desk, voice))
        elif then[name] != clause.wording:
            was = voice("news.was", text=bare(then[name]))
            items.append(_item(name, fragment(clause, voice), was, desk, voice))
    for name, said in then.items():
        if name.count("/") == 3 and name not in clauses:
            key = "news.archived" if name in archived else "news.gone"
            items.append(_item(name, said, voice(key), desk, voice))
    return items


def _item(clause: str, said: str, detail: str, desk: Desk, voice: Voice) -> Item:
    """A clause in a list; where there are several skills, with the name of its own."""
    return Item(bare(said), skill_label(desk, voice, clause.partition("/")[0]), detail)


def _standings(profile: Profile, then: Mapping[str, str], desk: Desk, voice: Voice) -> Iterable[str]:
    """The skills that were required before and are optional now, or the other way round."""
    for cell in desk.matrix.column(profile.role or "", profile.level or ""):
        was = then.get(cell.id, cell.requirement)
        if was != cell.requirement:
            yield voice(
                "news.standing",
                skill=skill_name(desk, voice, cell.skill),
                before=voice(f"compare.standing.{was}"),
                now=voice(f"compare.standing.{cell.requirement}"),
            )
