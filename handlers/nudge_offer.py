"""The one question whether to write weekly, and a typed answer to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from handlers import pick
from handlers.day import day_of
from handlers.intent import AskNudges
from handlers.nudge_pages import offer_buttons
from handlers.nudging import can_reach
from handlers.ports import Desk, Understood
from handlers.records import Nudging, NudgingSet, Subject, SubjectSet
from handlers.reply import Buttons, Reply, Text
from handlers.turn import Turn


def hear(understood: Understood) -> AskNudges | None:
    """A typed yes or no to the offer."""
    wishes: dict[str, Literal["on", "off"]] = {"yes": "on", "no": "off", "stop": "off"}
    wish = None if understood.rest else wishes.get(understood.reply or "")
    return AskNudges(wish=wish) if wish else None


def offer(reply: Reply, turn: Turn, desk: Desk) -> Reply:
    """The reply with the question whether to write weekly; it is asked once, in private, and where it can be done."""
    kept = turn.known.nudging
    alone = not (turn.place.shared or turn.share)
    if desk.works_council or kept.rhythm or kept.offered or not alone or not can_reach(turn):
        return reply
    voice = desk.voice(turn.lang)
    buttons = sum(len(block.buttons) for block in reply.blocks if isinstance(block, Buttons))
    offered = tuple(offer_buttons(voice))
    shown = offered if buttons + len(offered) <= pick.MOST_BUTTONS else (offered[0], offered[-1])
    if buttons + len(shown) > pick.MOST_BUTTONS:
        return reply
    subject = replace(turn.known.subject or Subject(), asked="nudges")
    facts = (
        NudgingSet(Nudging(offered=day_of(desk.now(), turn)), only=frozenset({"offered"})),
        SubjectSet(turn.place, subject),
    )
    asked = (Text(voice("nudges.offer")), Buttons(shown))
    return replace(reply, blocks=(*reply.blocks, *asked), facts=(*reply.facts, *facts))
