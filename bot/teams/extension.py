"""The search beside the box that people write in: cells of the framework to put into any conversation.

What is put there is the person's own message. It has no buttons: the bot may not be where it lands, and whoever
pressed one could be answered neither there nor alone.

learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/respond-to-search
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bot.teams import limits
from bot.teams.activity import CARD, Activity
from bot.teams.elements import Json
from bot.teams.render import render_card
from bot.text import clean, one_line
from content.texts import Voice
from handlers.intent import MOST_FOUND, MOST_SKIPPED, FindCells
from handlers.reply import Page, Reply
from handlers.turn import Place, Turn

SEARCH: Final = "search"
WORDS: Final = "words"
"""The id of the one command, and the name of its one parameter."""

PREVIEW: Final = "application/vnd.microsoft.card.thumbnail"

_MOST_WORDS = 80


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class _Parameter(_Model):
    name: str
    value: Any = None


class _Options(_Model):
    skip: int = 0
    count: int = MOST_FOUND


class _Query(_Model):
    command_id: str
    parameters: list[_Parameter] = Field(default=[], max_length=10)
    query_options: _Options = _Options()


def searched(activity: Activity) -> Turn:
    """The turn of what was typed into the search. ValueError (pydantic's, too) when it is none of ours."""
    query = _Query.model_validate(activity.value)
    if query.command_id != SEARCH:
        raise ValueError("another command")
    # Before anything is typed the parameter is another one: "initialRun".
    typed = next((each.value for each in query.parameters if each.name == WORDS), "")
    words = " ".join(clean(typed).split())[:_MOST_WORDS] if isinstance(typed, str) else ""
    options = query.query_options
    skip, most = min(max(options.skip, 0), MOST_SKIPPED), min(max(options.count, 1), MOST_FOUND)
    # Without an address: the conversation may be one of people alone, where the bot must never write.
    place = Place(activity.conversation.id, shared=activity.place.shared)
    intent = FindCells(words=words, skip=skip, most=most)
    return Turn(activity.person, place, intent=intent, lang=activity.lang, zone=activity.zone)


def results(reply: Reply, voice: Voice) -> Json:
    """The body of an answer: the pages to choose from, or in words that there are none; both are empty at the end."""
    if reply.blocks and not reply.pages:
        return no_results(reply.title)
    attachments = [_result(page, voice) for page in reply.pages]
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}


def no_results(line: str) -> Json:
    """The body of an answer that has nothing to choose from."""
    return {"composeExtension": {"type": "message", "text": clean(line)}}


def _result(page: Page, voice: Voice) -> Json:
    preview = {"title": one_line(page.title, limits.LABEL), "text": one_line(page.line, limits.PREVIEW)}
    return {
        "contentType": CARD,
        "content": render_card(Reply(page.blocks, lang=voice.lang), voice),
        "preview": {"contentType": PREVIEW, "content": preview},
    }
