"""Activities into turns. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.press import Press
from bot.teams import limits
from bot.teams.activity import Activity, read_json
from bot.teams.press import Misfit, read_press
from handlers.intent import StartHere
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Turn


def read_activity(content_type: str, body: bytes) -> Activity:
    """The activity in a request. ValueError when it is none, OverflowError when it is too large."""
    if content_type != "application/json":
        raise ValueError("content type")
    if len(body) > limits.BODY_BYTES:
        raise OverflowError
    activity = Activity.model_validate(read_json(body))
    if activity.type in ("message", "invoke") and not activity.person.user:
        raise ValueError("from nobody")
    return activity


def read_card(data: Any) -> Press | None:
    """What was pressed on a card; the start page for what is no longer understood. Misfit as `read_press` has it."""
    try:
        return read_press(data)
    except Misfit:
        raise
    except ValueError:
        return Press(StartHere())


def spoken(activity: Activity) -> Turn:
    """The turn of words; without any it opens the start page."""
    words, is_command = activity.without_command()
    turn = turn_of(activity, how="command" if is_command else "chat")
    return replace(turn, words=words, mentioned=activity.mentioned) if words else replace(turn, intent=StartHere())


def pressed(activity: Activity, press: Press) -> Turn:
    """The turn of a press. Its answer takes the card's place only where the card is the person's own."""
    own = activity.targeted or not activity.place.shared or press.asker == activity.person.user
    return turn_of(activity, intent=press.intent, pressed=own, share=press.share and activity.targeted)


def turn_of(activity: Activity, **more: Any) -> Turn:
    """A turn of the one who sent the activity."""
    address, elsewhere = address_of(activity), activity.place.shared and not activity.targeted
    more = {"lang": activity.lang, "zone": activity.zone, "elsewhere": elsewhere, **more}
    return Turn(activity.person, activity.place, address=address, room=activity.room, group=activity.group, **more)


def address_of(activity: Activity) -> Address:
    """Where the one who sent an activity is written to unasked: only a personal chat is named."""
    to = activity.address
    chat = {} if activity.place.shared else {"conversation_id": to.conversation_id}
    ways = {"service_url": to.service_url, "tenant_id": to.tenant_id, "bot_id": to.bot_id}
    return {**ways, **chat, "user": activity.sender.id}


def asker(activity: Activity) -> str:
    """Whose the answer to an activity is; nobody needs to know where nobody else is."""
    return activity.person.user if activity.place.shared else ""


def is_personal(reply: Reply, turn: Turn) -> bool:
    """Whether a reply must not be shown where it was asked for; files can be handed over in personal chats only."""
    return turn.place.shared and (bool(reply.files) or (reply.private and turn.elsewhere))
