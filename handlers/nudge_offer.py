"""The one question whether to write weekly, and a typed answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers import pick
from handlers.day import day_of
from handlers.intent import AskNudges, Intent
from handlers.nudge_pages import offer_buttons
from handlers.nudging import can_reach
from handlers.ports import Desk
from handlers.records import Nudging, NudgingSet
from handlers.reply import Buttons, Reply, Text
from handlers.turn import Turn

ANSWERS: Mapping[str, Intent] = {
    "yes": AskNudges(wish="on"),
    "no": AskNudges(wish="off"),
    "stop": AskNudges(wish="off"),
}
"""What a typed yes or no to the offer means."""


def offer(reply: Reply, turn: Turn, desk: Desk) -> Reply:
    """The reply with the question whether to write weekly; it is asked once, in private, and where it can be done."""
    kept = turn.known.nudging
    alone = not (turn.place.shared or turn.share)
    if desk.works_council or kept.rhythm or kept.offered or not alone or not can_reach(turn):
        return reply
    if turn.known.profile.edition not in (None, desk.matrix.edition):
        return reply  # there are news of the framework to tell, and the offer can wait
    voice = desk.voice(turn.lang)
    buttons = sum(len(block.buttons) for block in reply.blocks if isinstance(block, Buttons))
    offered = tuple(offer_buttons(voice))
    shown = offered if buttons + len(offered) <= pick.MOST_BUTTONS else (offered[0], offered[-1])
    if buttons + len(shown) > pick.MOST_BUTTONS:
        return reply
    fact = NudgingSet(Nudging(offered=day_of(desk.now(), turn)), only=frozenset({"offered"}))
    asked = (Text(voice("nudges.offer")), Buttons(shown))
    return replace(reply, blocks=(*reply.blocks, *asked), facts=(*reply.facts, fact), answers=ANSWERS)
