"""Weekly nudges: not delivered in this version, or switched off by the works council, and said so."""

from __future__ import annotations

from content.texts import Voice
from handlers.intent import AskNudges, MakePlan, ReceiveNudge, ReviewPlan, SuggestNext
from handlers.ports import Desk
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn


async def ask_nudges(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    """Repeats the wish and says honestly that nothing is scheduled."""
    voice = desk.voice(turn.lang)
    next_step = Buttons((Button(voice("button.next"), SuggestNext()),))
    if desk.works_council:
        return Reply((Text(voice("nudges.council")), next_step))
    when = _when(intent, voice)
    wish = "set" if when and intent.wish != "off" else intent.wish
    if wish == "set" and not when:
        wish = "info"
    text = Text(voice(f"nudges.{wish}", when=when))
    if wish == "off":
        return Reply((text,))
    return Reply((text, next_step))


def _when(intent: AskNudges, voice: Voice) -> str:
    day = voice.weekday(intent.weekday) if intent.weekday is not None else ""
    time = voice.time(intent.minute) if intent.minute is not None else ""
    return voice("nudges.day-time", day=day, time=time) if day and time else day or time


async def receive_nudge(_intent: ReceiveNudge, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("nudges.info", when="")),))


async def make_plan(_intent: MakePlan, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("nudges.info", when="")),))


async def review_plan(_intent: ReviewPlan, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("nudges.info", when="")),))
