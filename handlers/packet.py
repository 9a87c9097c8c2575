"""The promotion packet: what a level requires and where a person stands with it, as a page and as files to pass on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from content.matrix import Requirement
from content.texts import Voice
from handlers import milestones, pick
from handlers.day import day_of
from handlers.document import to_html, to_markdown
from handlers.intent import AddEvidence, ListMilestones, SetProfile, ShowPacket
from handlers.milestones import Step
from handlers.phrase import citation, fragment, level_name, role_name, rung, skill_label
from handlers.ports import Desk
from handlers.profile import ask_profile
from handlers.records import Evidence, State
from handlers.reply import Block, Bullets, Button, Buttons, Facts, File, Heading, Item, Note, Reply, Text
from handlers.turn import Turn

MOST_LISTED = 5
"""Clauses of each part that are shown in the chat; the files hold all of them."""

MOST_QUOTED = 160
"""Characters of a piece of evidence that are shown in the chat."""

BLANK = "…" * 9
"""A line to write one's name on: what the platform calls a person is no name for others to read."""

_State = Literal["open", "partly", "working", "done"]
_SAID: dict[State, _State] = {State.DONE: "done", State.WORKING: "working", State.PARTLY: "partly"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A clause of the level, where the person stands with it, since when, and what they noted as evidence."""

    step: Step
    state: _State
    since: datetime.date | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Packet:
    """All that the packet holds, and the day on which it was put together."""

    role: str
    level: str
    today: datetime.date
    entries: tuple[_Entry, ...]
    other: tuple[Evidence, ...]


async def show_packet(intent: ShowPacket, turn: Turn, desk: Desk) -> Reply:
    """The packet in short, with the whole of it as two files; what the profile lacks is asked for."""
    voice = desk.voice(turn.lang)
    role, own = milestones.own_rung(desk.matrix, turn.known.profile)
    if not role:
        return ask_profile(desk, voice, voice("packet.need-both"))
    ladder = desk.matrix.roles[role]
    if intent.level and intent.level not in ladder.ladder:
        words = voice(
            "packet.not-yours", level=level_name(desk, voice, intent.level), role=role_name(desk, voice, role)
        )
        return Reply((Text(words), pick.level_choices(desk, voice, ShowPacket(), role=role)))
    level = intent.level or (own and (ladder.above(own) or own))
    if not level:
        return Reply(
            (Text(voice("packet.need-level")), pick.level_choices(desk, voice, SetProfile(role=role), role=role))
        )
    if not desk.matrix.column(role, level):
        words = voice("expect.empty", framework=desk.matrix.name, rung=rung(desk, voice, role, level))
        return Reply((Text(words), Buttons(_buttons(desk, voice, role, own, level))))
    packet = _collect(role, level, await desk.store.evidence(turn.person), turn, desk)
    return Reply(
        (
            *_page(desk, voice, turn, packet, whole=False),
            *_files(desk, voice, turn, packet),
            Buttons(_buttons(desk, voice, role, own, level)),
        )
    )


def _collect(role: str, level: str, noted: Sequence[Evidence], turn: Turn, desk: Desk) -> _Packet:
    """Every clause of the level with its evidence, newest first."""
    dated = sorted(noted, key=lambda one: _day(one, turn), reverse=True)
    by_clause: dict[str | None, list[Evidence]] = {}
    for one in dated:
        by_clause.setdefault(one.clause, []).append(one)
    entries = []
    for cell in desk.matrix.column(role, level):
        for clause in cell.clauses:
            said = turn.known.milestones.get(clause.id)
            state = _SAID.get(said.state, "open") if said else "open"
            since = day_of(said.since, turn) if said else None
            entries.append(_Entry(Step(clause, cell), state, since, tuple(by_clause.get(clause.id, ()))))
    return _Packet(role, level, day_of(desk.now(), turn), tuple(entries), tuple(by_clause.get(None, ())))


def _day(evidence: Evidence, turn: Turn) -> datetime.date:
    """When it happened, or else when it was noted."""
    return evidence.day or day_of(evidence.at, turn)


def _files(desk: Desk, voice: Voice, turn: Turn, packet: _Packet) -> tuple[File, ...]:
    """The whole packet in two forms."""
    page = tuple(_page(desk, voice, turn, packet, whole=True))
    name = f"rung-{packet.level}-{packet.role}-{packet.today.isoformat()}"
    return (
        File(f"{name}.md", voice("packet.markdown"), "text/markdown", to_markdown(page)),
        File(f"{name}.html", voice("packet.html"), "text/html", to_html(page, _title(desk, voice, packet), voice.lang)),
    )


def _buttons(desk: Desk, voice: Voice, role: str, own: str | None, level: str) -> tuple[Button, ...]:
    """The packets of the own level and the next one, as far as they are not on the page, and what fills them."""
    near = (own, desk.matrix.roles[role].above(own)) if own else ()
    others = (one for one in near if one and one != level)
    return (
        *(
            Button(voice("packet.other-level", level=level_name(desk, voice, one)), ShowPacket(level=one))
            for one in others
        ),
        Button(voice("profile.milestones"), ListMilestones(level=level)),
        Button(voice("profile.add-evidence"), AddEvidence()),
    )


def _title(desk: Desk, voice: Voice, packet: _Packet) -> str:
    return voice("packet.title", rung=rung(desk, voice, packet.role, packet.level))


def _page(desk: Desk, voice: Voice, turn: Turn, packet: _Packet, *, whole: bool) -> Iterator[Block]:
    """What is open comes first, then what is so in part, in work and done, at last what is optional."""
    wording = _Wording(desk, voice, turn, packet.today, whole=whole)
    yield Heading(_title(desk, voice, packet))
    if whole:
        yield Facts(tuple(_facts(desk, voice, turn, packet)))
    yield citation(desk, voice, *desk.matrix.column(packet.role, packet.level))
    by_requirement = {
        one: [entry for entry in packet.entries if entry.step.cell.requirement is one] for one in Requirement
    }
    if required := by_requirement[Requirement.REQUIRED]:
        if all(entry.state not in ("open", "partly") for entry in required):
            yield Text(voice("packet.none-open"))
        yield from _parts(wording, required, "required")
    if unstated := by_requirement[Requirement.UNSTATED]:
        yield Text(voice("packet.unstated"))
        yield from _parts(wording, unstated, "unstated")
    if optional := by_requirement[Requirement.OPTIONAL]:
        yield Heading(voice("packet.optional"))
        yield from wording.list([wording.brief(entry) for entry in optional])
    if packet.other:
        yield Heading(voice("packet.other"))
        yield from wording.list([Item(wording.proof(one)) for one in packet.other])
    yield Note(voice("packet.own-words"))


def _facts(desk: Desk, voice: Voice, turn: Turn, packet: _Packet) -> Iterator[tuple[str, str]]:
    """Whose packet it is, for what, and of which day."""
    own = turn.known.profile.level
    yield voice("packet.name"), BLANK
    yield voice("packet.role"), role_name(desk, voice, packet.role)
    if own and own in desk.matrix.levels:
        yield voice("packet.own"), level_name(desk, voice, own)
    yield voice("packet.target"), level_name(desk, voice, packet.level)
    yield voice("packet.date"), voice.date(packet.today)


def _parts(wording: _Wording, entries: Sequence[_Entry], kind: str) -> Iterator[Block]:
    """Clauses by state, each part under its name."""
    for state in get_args(_State):
        if part := [entry for entry in entries if entry.state == state]:
            yield Heading(wording.voice(f"packet.heading.{kind}.{state}"))
            yield from wording.list([wording.full(entry) for entry in part])


@dataclass(frozen=True, slots=True)
class _Wording:
    """How the entries are worded: with all that there is when `whole`, else in short."""

    desk: Desk
    voice: Voice
    turn: Turn
    today: datetime.date
    whole: bool

    def list(self, items: Sequence[Item]) -> tuple[Block, ...]:
        """A list; in short only its beginning, and how much more there is."""
        shown = items if self.whole else items[:MOST_LISTED]
        left = len(items) - len(shown)
        more = (Text(self.voice("packet.more", count=left)),) if left else ()
        return Bullets(tuple(shown)), *more

    def full(self, entry: _Entry) -> Item:
        """A clause with its state and its evidence."""
        lines = []
        if entry.state != "open" and entry.since:
            lines.append(self._dated(f"packet.since.{entry.state}", entry.since))
        shown = entry.evidence if self.whole else entry.evidence[:1]
        lines += map(self.proof, shown)
        if len(shown) < len(entry.evidence):
            lines.append(self.voice("packet.more-evidence", count=len(entry.evidence) - len(shown)))
        if entry.state == "done" and not entry.evidence:
            lines.append(self.voice("packet.none"))
        return Item(self._clause(entry), self._skill(entry), ("\n" if self.whole else " · ").join(lines))

    def brief(self, entry: _Entry) -> Item:
        """A clause and its state in a word or two."""
        state = self.voice(f"packet.{entry.state}")
        if entry.state != "open" and entry.since:
            state = self._dated(f"packet.since.{entry.state}", entry.since)
        return Item(self._clause(entry), self._skill(entry), state)

    def proof(self, evidence: Evidence) -> str:
        """Evidence in one line: its text, its link, its day and how long ago that was."""
        text, link = " ".join(evidence.text.split()), evidence.link or ""
        if not self.whole and len(text) > MOST_QUOTED:
            text = text[: MOST_QUOTED - 1].rstrip() + "…"
        said = self.voice("packet.proof", text=text, link=link) if text and link else text or link
        return self._dated("packet.evidence", _day(evidence, self.turn), text=said)

    def _dated(self, key: str, day: datetime.date, **values: str) -> str:
        days = (self.today - day).days
        ago = self.voice.ago(days) if days > 0 else self.voice("packet.today")
        return self.voice(key, date=self.voice.date(day), ago=ago, **values)

    def _clause(self, entry: _Entry) -> str:
        return fragment(entry.step.clause, self.voice)

    def _skill(self, entry: _Entry) -> str:
        return skill_label(self.desk, self.voice, entry.step.cell.skill)
