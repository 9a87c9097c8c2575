"""Colleagues whom nobody plays: asked for a team, they say who they are and agree, as people do it in Slack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from bot.playground import cast
from bot.playground.slack_person import SlackPerson
from bot.playground.slack_side import BOT_USER, SlackSide

AGREED: Final = "{count} colleagues told Rung who they are and agreed to be counted: ask for the team summary now."
NOBODY_ASKED: Final = (
    "None of your colleagues has an open invitation. Become Mia, write “make a team ML guild” and then "
    "“invite everybody in #ml-guild to ML guild”; the invitations take a moment."
)

LEVELS: Final = ("middle", "senior")
ANSWERS: Final = (
    ("yes", "yes", "partly", "no"),
    ("yes", "yes", "no", "partly"),
    ("yes", "partly", "partly", "no"),
)
"""What they say of the first clauses of their level, in turn."""

AT_ONCE: Final = 4
LOOK_SECONDS: Final = 0.2
QUIET_SECONDS: Final = 4.0
"""How long no further invitation has to come until there are no more."""

Invitation = tuple[str, dict[str, Any]]
"""The message that asks somebody whether to count them, and the button that says yes."""


async def answer_invitations(slack: SlackPerson, side: SlackSide) -> int:
    """Let every colleague with an open invitation say who they are, and yes; how many did.

    Invitations go out one after the other: while they do, those that follow are answered, too.
    """
    answered: set[str] = set()
    quiet = 0.0
    while len(answered) < len(cast.COLLEAGUES) and quiet < (QUIET_SECONDS if answered else LOOK_SECONDS):
        asked = {key: found for key, one in cast.COLLEAGUES.items() if (found := _invitation(side, one))}
        if not asked:
            quiet += LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS if answered else 0)
            continue
        quiet = 0.0
        await _answer_all(slack, asked)
        answered |= asked.keys()
    return len(answered)


async def _answer_all(slack: SlackPerson, asked: Mapping[str, Invitation]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def answer(number: int, someone: cast.Someone, invitation: Invitation) -> None:
        async with gate:
            await _introduce(slack, someone, number)
            await slack.press(someone, someone.direct, *invitation, {})

    numbers = {key: number for number, key in enumerate(cast.COLLEAGUES)}
    await asyncio.gather(*(answer(numbers[key], cast.COLLEAGUES[key], found) for key, found in asked.items()))


async def _introduce(slack: SlackPerson, someone: cast.Someone, number: int) -> None:
    level = LEVELS[number % len(LEVELS)]
    words = (f"I am a {level} ML engineer", "help me find my level", level, *ANSWERS[number % len(ANSWERS)])
    for said in words:
        await slack.say(someone, someone.direct, said)


def _invitation(side: SlackSide, someone: cast.Someone) -> Invitation | None:
    """The latest invitation that somebody has not answered."""
    for message in reversed(side.rooms[someone.direct]):
        for block in message.blocks if message.user == BOT_USER else ():
            for button in block.get("elements", ()) if block["type"] == "actions" else ():
                if _agrees(button):
                    return message.ts, {**button, "block_id": block["block_id"]}
    return None


def _agrees(button: dict[str, Any]) -> bool:
    try:
        asked = json.loads(button.get("value") or "{}").get("ask", {})
    except ValueError:
        return False
    return (asked.get("kind"), asked.get("answer")) == ("team-answer", "yes")
