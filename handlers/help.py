"""What one can ask, with examples from the framework itself, and the page to start from."""

from __future__ import annotations

import re
from itertools import islice

from content.matrix import Matrix
from content.texts import Voice
from handlers import pick
from handlers.intent import (
    AskPrivacy,
    FindLevel,
    Intent,
    ListRoles,
    ShowExpectations,
    ShowHelp,
    ShowProfile,
    StartHere,
    SuggestNext,
)
from handlers.phrase import name
from handlers.ports import Desk
from handlers.reply import Bullets, Button, Buttons, Heading, Item, Note, Reply, Text
from handlers.turn import Turn

ABILITIES = (
    "expect",
    "compare",
    "move",
    "search",
    "required",
    "lists",
    "level",
    "profile",
    "next",
    "done",
    "evidence",
    "packet",
    "nudges",
    "team",
    "sees",
    "card",
    "privacy",
)
"""What the help tells, in this order; each has a sentence and an example in the texts."""

SWITCHED_OFF = frozenset({"nudges", "team", "sees", "card"})
"""What there is not in works-council mode."""

_TERM = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*")


async def show_help(intent: ShowHelp, turn: Turn, desk: Desk) -> Reply:
    """Every ability with one example that works as it stands."""
    voice = desk.voice(turn.lang)
    return desk.once((intent, voice.lang, desk.works_council), lambda: _help(desk, voice))


def _help(desk: Desk, voice: Voice) -> Reply:
    told = examples(desk, voice)
    items = tuple(Item(voice("name.quoted", words=told[one]), voice(f"help.{one}")) for one in _abilities(desk))
    buttons = (
        Button(voice("button.look-up"), StartHere(), "primary"),
        Button(voice("profile.find"), FindLevel()),
        Button(voice("button.next"), SuggestNext()),
        Button(voice("button.profile"), ShowProfile()),
        Button(voice("button.privacy"), AskPrivacy()),
    )
    return Reply(
        (
            Heading(voice("help.title")),
            Text(voice("help.about", framework=desk.matrix.name)),
            Bullets(items),
            Note(voice("help.command")),
            Buttons(buttons),
        )
    )


def _abilities(desk: Desk) -> tuple[str, ...]:
    return tuple(one for one in ABILITIES if not (one in SWITCHED_OFF and desk.works_council))


def examples(desk: Desk, voice: Voice) -> dict[str, str]:
    """Ability → something one can type, made of names that this framework knows."""
    return desk.once(("examples", voice.lang), lambda: _examples(desk.matrix, voice))


def _examples(matrix: Matrix, voice: Voice) -> dict[str, str]:
    roles = list(matrix.roles.values())
    role = max(roles, key=lambda one: len(one.ladder))
    other = next((one for one in roles if one.ladder == role.ladder and one is not role), role)
    lower, upper = role.ladder[max(0, len(role.ladder) // 2 - 1)], role.ladder[len(role.ladder) // 2]
    values = {
        "role": name(role, voice),
        "other": name(other, voice),
        "level": name(matrix.levels[upper], voice),
        "lower": name(matrix.levels[lower], voice),
        "term": _term(matrix),
        "skill": name(next(iter(matrix.skills.values())), voice),
    }
    return {one: voice(f"example.{one}", **values) for one in ABILITIES}


def _term(matrix: Matrix) -> str:
    """A technical term that the framework speaks of, told by its inner capital; else a skill's name."""
    for _, clause in islice(matrix.clauses(), 1000):
        found = _TERM.search(clause.text.texts[clause.text.language])
        if found:
            return found[0]
    return next(iter(matrix.skills.values())).name.best(matrix.language)[0]


async def start_here(_intent: StartHere, turn: Turn, desk: Desk) -> Reply:
    """Pickers for role and level, and a word on what else there is."""
    return start_page(desk, desk.voice(turn.lang), ShowExpectations())


def start_page(desk: Desk, voice: Voice, intent: Intent) -> Reply:
    """A form with role and level, for whom neither is known."""
    form = pick.both_form(desk, voice, intent, voice("button.show"), (None, None))
    buttons = (Button(voice("button.help"), ShowHelp()), Button(voice("button.roles"), ListRoles()))
    return Reply(
        (
            Heading(voice("start.title")),
            Text(voice("start.ask", example=examples(desk, voice)["compare"])),
            form,
            Buttons(buttons),
        )
    )
