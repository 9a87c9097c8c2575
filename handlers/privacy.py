"""What is kept about a person, as a page and as a file, and forgetting it."""

from __future__ import annotations

import json

from content.texts import Voice
from handlers.day import day_of
from handlers.intent import AskPrivacy, ListTeams
from handlers.kept import Kept, show_kept
from handlers.ports import Desk
from handlers.reply import Button, Buttons, File, Heading, Note, Reply, Text
from handlers.turn import Turn

FORMAT = "rung-export-1"
"""The form of the exported file; another form gets another name."""


async def ask_privacy(intent: AskPrivacy, turn: Turn, desk: Desk) -> Reply:
    """Everything that is kept, readable or as a file; or asks once, then erases and says what was erased."""
    voice = desk.voice(turn.lang)
    if intent.forget and intent.sure:
        return await _erase(turn, desk, voice)
    if intent.forget:
        yes, no = AskPrivacy(forget=True, sure=True), AskPrivacy()
        buttons = (Button(voice("privacy.yes"), yes, "danger"), Button(voice("privacy.no"), no))
        answers = {"yes": yes, "no": no, "partly": no, "skip": no, "stop": no}
        return Reply((Text(voice("privacy.sure")), Buttons(buttons)), answers=answers)
    if intent.who:
        return _who(desk, voice)
    kept = await desk.store.export(turn.person)
    if not kept:
        where = Text(voice("privacy.where"))
        return Reply((Heading(voice("privacy.title")), Text(voice("privacy.nothing")), where))
    return _export(kept, turn, desk, voice) if intent.export else await _show(kept, turn, desk, voice)


def _who(desk: Desk, voice: Voice) -> Reply:
    """Who sees what is kept, in short."""
    buttons = [
        Button(voice("privacy.all"), AskPrivacy()),
        Button(voice("privacy.export"), AskPrivacy(export=True)),
    ]
    if desk.works_council:
        more = Text(voice("privacy.council"))
    else:
        more = Text(voice("privacy.who-teams", step=desk.minimum_group))
        buttons.append(Button(voice("example.sees"), ListTeams()))
    return Reply((Text(voice("privacy.who")), more, Note(voice("privacy.sheet")), Buttons(tuple(buttons))))


async def _erase(turn: Turn, desk: Desk, voice: Voice) -> Reply:
    receipt = await desk.store.forget(turn.person, desk.now())
    if not receipt.total:
        return Reply((Text(voice("privacy.erased-nothing")),))
    day = voice.date(day_of(desk.now(), turn))
    return Reply((Text(voice("privacy.erased", count=receipt.total, date=day)),))


def _export(kept: Kept, turn: Turn, desk: Desk, voice: Voice) -> Reply:
    """The same as the page, whole and for programs."""
    day = day_of(desk.now(), turn)
    told = {"format": FORMAT, "date": day.isoformat(), "data": kept}
    content = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    name = f"rung-my-data-{day.isoformat()}.json"
    text = Text(voice("privacy.exported", date=voice.date(day)))
    return Reply((text, File(name, voice("privacy.file"), "application/json", content)))


async def _show(kept: Kept, turn: Turn, desk: Desk, voice: Voice) -> Reply:
    mine = await desk.teams.mine(turn.person) if desk.teams and kept.get("membership") else ()
    names = {one.team.id: one.team.name for one in mine}
    buttons = (
        Button(voice("privacy.export"), AskPrivacy(export=True)),
        Button(voice("privacy.forget"), AskPrivacy(forget=True), "danger"),
    )
    if desk.works_council:
        further = Text(voice("privacy.council"))
    else:
        further = Text(voice("privacy.who-teams", step=desk.minimum_group))
    return Reply(
        (
            Heading(voice("privacy.title")),
            Text(voice("privacy.held")),
            *show_kept(kept, names, turn, desk, voice),
            Text(voice("privacy.where")),
            further,
            Note(voice("privacy.sheet")),
            Buttons(buttons),
        )
    )
